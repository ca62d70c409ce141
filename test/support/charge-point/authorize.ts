import type { Inside } from './inside.ts';
import { asPayload, type Payload } from './wire.ts';

/**
 * Asks whether an idTag may charge. Without an answer of the central system the local list decides, and for tags it does
 * not hold AllowOfflineTxForUnknownId. Never rejects. [OCPP 1.6, 3.5]
 */
export async function authorize(inside: Inside, idTag: string): Promise<Payload> {
  if (inside.isReady()) {
    try {
      const conf = await inside.calls.call('Authorize', { idTag });
      return asPayload(conf.idTagInfo);
    } catch {
      // Refused or unanswered is the same to the driver as offline.
    }
  }
  const { configuration, memory } = inside;
  const listed = configuration.flag('LocalAuthListEnabled') ? memory.localList.get(idTag.toLowerCase()) : undefined;
  return listed ?? { status: configuration.flag('AllowOfflineTxForUnknownId') ? 'Accepted' : 'Invalid' };
}
