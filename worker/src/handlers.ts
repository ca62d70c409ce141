import { gatewayLetters } from '@voltgate/shared/letters/index.ts';
import type { HandleSettings, IncomingCall } from '@voltgate/shared/ocpp16/define.ts';
import { incomingActions } from '@voltgate/shared/ocpp16/incoming/index.ts';
import { readMessage } from '@voltgate/shared/ocpp16/message.ts';
import type { Letter, Store } from '@voltgate/shared/ports.ts';

/** Handles told letters of one action as a set. Throws what the handler throws. */
export async function handleTold(store: Store, action: string, letters: readonly Letter[]): Promise<void> {
  const own = gatewayLetters.get(action);
  if (own?.way === 'tell')
    return await own.handle(
      store,
      letters.map((letter) => letter.text),
    );
  const definition = incomingActions.get(action);
  if (definition?.way !== 'tell') throw new Error(`${action} is not told`);
  await definition.handle(store, letters.map(callIn));
}

/** Handles one ask; resolves to the payload of its answer. Throws what the handler throws. */
export async function handleAsked(store: Store, letter: Letter, settings: HandleSettings): Promise<unknown> {
  const own = gatewayLetters.get(letter.action);
  if (own?.way === 'ask') return await own.handle(store, letter.text);
  const definition = incomingActions.get(letter.action);
  if (definition?.way !== 'ask') throw new Error(`${letter.action} is not asked`);
  return await definition.handle(store, callIn(letter), settings);
}

/** The gateway validated the frame before it became a letter; reading it again costs less than carrying it parsed. */
function callIn(letter: Letter): IncomingCall<never> {
  const message = readMessage(letter.text);
  if (message.type !== 'call') throw new Error(`a letter of ${letter.action} holds no Call`);
  return {
    chargePointId: letter.chargePointId,
    connectionId: letter.connectionId,
    receivedAt: new Date(letter.receivedAtMs),
    traceId: letter.traceId,
    payload: message.payload as never,
    text: letter.text,
  };
}
