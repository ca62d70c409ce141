import { chargePointChannel } from '@voltgate/shared/channels.ts';
import type { Bus } from '@voltgate/shared/ports.ts';
import type { Connection } from './connection.ts';

/** What is said on the channel of a charge point. */
export type ChannelMessage = { readonly type: string } & Readonly<Record<string, unknown>>;

/** The owner before may be listening again by then: its subscriber was reconnecting. */
const TELL_AGAIN_MS = [1_000, 5_000];

/** Tells the owner before, on another gateway, that this connection took over; again while nobody else listens. */
export function tellTakenOver(bus: Bus, connection: Connection, attempt = 0): void {
  const { epoch, connectionId } = connection;
  const text = JSON.stringify({ type: 'taken-over', epoch, connectionId });
  const again = () => {
    const delayMs = TELL_AGAIN_MS[attempt];
    if (delayMs === undefined || connection.isClosed) return;
    setTimeout(() => tellTakenOver(bus, connection, attempt + 1), delayMs).unref();
  };
  bus.publish(chargePointChannel(connection.chargePoint.chargePointId), text).then(
    // We listen ourselves: one listener means that the other did not hear it.
    (listeners) => (listeners < 2 ? again() : undefined),
    again,
  );
}

/** Reads what is said on a channel; undefined when it is no message. */
export function readChannelMessage(text: string): ChannelMessage | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string')
      return value as ChannelMessage;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return undefined;
}
