import { parseJson, writeJson } from '../ocpp16/json.ts';
import type { Store } from '../ports.ts';

/** What gateways themselves tell or ask workers; `name` never equals an OCPP action. */
export type GatewayLetter<Payload = unknown, Result = unknown> = {
  readonly name: `gateway.${string}`;
  readonly write: (payload: Payload) => string;
} & (
  | { readonly way: 'tell'; readonly handle: (store: Store, texts: readonly string[]) => Promise<void> }
  | { readonly way: 'ask'; readonly handle: (store: Store, text: string) => Promise<Result> }
);

/** A letter handled at least once, in any order, as a set. */
export function told<Payload>(
  name: `gateway.${string}`,
  handle: (store: Store, payloads: readonly Payload[]) => Promise<void>,
) {
  return {
    name,
    way: 'tell',
    write: (payload: Payload) => writeJson(payload),
    handle: (store: Store, texts: readonly string[]) => handle(store, texts.map(read<Payload>)),
  } as const;
}

/** A letter with an answer. */
export function asked<Payload, Result>(
  name: `gateway.${string}`,
  handle: (store: Store, payload: Payload) => Promise<Result>,
) {
  return {
    name,
    way: 'ask',
    write: (payload: Payload) => writeJson(payload),
    handle: (store: Store, text: string) => handle(store, read<Payload>(text)),
  } as const;
}

// Written by `write` of the same definition in another process of the same release.
const read = <Payload>(text: string) => parseJson(text) as Payload;
