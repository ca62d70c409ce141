import type { Inside } from './inside.ts';
import { asPayload, type Payload } from './wire.ts';

/**
 * Asks whether an idTag may charge. Without an answer of the central system the local list decides, and for tags it does
 * not hold AllowOfflineTxForUnknownId. Never rejects. [OCPP 1.6, 3.5]
 */
export async function authorize(inside: Inside, idTag: string): Promise<Payload> {
  const idTagInfo = (await ask(inside, idTag)) ?? decide(inside, idTag);
  if (idTagInfo.status !== 'Accepted') inside.tally.authorizationsRefused += 1;
  return idTagInfo;
}

/** Undefined when there was no answer: refused or unanswered is the same to the driver as offline. */
async function ask({ calls, isReady }: Inside, idTag: string): Promise<Payload | undefined> {
  if (!isReady()) return undefined;
  return calls.call('Authorize', { idTag }).then(
    (conf) => asPayload(conf.idTagInfo),
    () => undefined,
  );
}

function decide({ configuration, memory }: Inside, idTag: string): Payload {
  const listed = configuration.flag('LocalAuthListEnabled') ? memory.localList.get(idTag.toLowerCase()) : undefined;
  return listed ?? { status: configuration.flag('AllowOfflineTxForUnknownId') ? 'Accepted' : 'Invalid' };
}
