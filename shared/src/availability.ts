/** What a worker says on a charge point's channel when a boot made it forget that it was to be out of service. */
import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';

const ReapplyAvailability = Type.Object({
  type: Type.Literal('reapply-availability'),
  /** The connection it is for: no other one acts on it. */
  connectionId: Type.String(),
  /** In this order. */
  intents: Type.Array(
    Type.Object({
      connectorId: Type.Integer(),
      type: Type.Union([Type.Literal('Operative'), Type.Literal('Inoperative')]),
    }),
  ),
});

/** Tell this connection again what it was to be. */
export type ReapplyAvailability = Static<typeof ReapplyAvailability>;

/** True for such a message among what is said on a channel. */
export function isReapplyAvailability(message: unknown): message is ReapplyAvailability {
  return Value.Check(ReapplyAvailability, message);
}
