import { commandRecords } from './command-records.ts';
import type { GatewayLetter } from './define.ts';
import { flapping } from './flapping.ts';
import { frames } from './frames.ts';
import { identify } from './identify.ts';
import { lastSeen } from './last-seen.ts';
import { ping } from './ping.ts';
import { presence } from './presence.ts';
import { unknownChargePoints } from './unknown-charge-points.ts';

/** Every letter of the gateway's own, by name: one line each. */
export const gatewayLetters: ReadonlyMap<string, GatewayLetter> = new Map(
  [identify, lastSeen, ping, presence, commandRecords, frames, flapping, unknownChargePoints].map((letter) => [
    letter.name,
    letter as GatewayLetter,
  ]),
);
