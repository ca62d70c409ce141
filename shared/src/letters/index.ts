import type { GatewayLetter } from './define.ts';
import { identify } from './identify.ts';
import { lastSeen } from './last-seen.ts';
import { ping } from './ping.ts';

/** Every letter of the gateway's own, by name: one line each. */
export const gatewayLetters: ReadonlyMap<string, GatewayLetter> = new Map(
  [identify, lastSeen, ping].map((letter) => [letter.name, letter as GatewayLetter]),
);
