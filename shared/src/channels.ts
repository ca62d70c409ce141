/**
 * Names that spread over a Redis Cluster. What stands in braces decides the slot, so everything of one partition is on
 * one node; 128 partitions spread well over any number of nodes and keep the number of slots a client deals with small.
 */

/** How many partitions there are. Changing it is a migration: gateways of both releases would look in different places. */
export const PARTITIONS = 128;

const INFIX = ':cp:';

/** The partition of a charge point, as the hash tag of a Redis Cluster: `{p0}` to `{p127}`. */
export function partitionOf(chargePointId: string): string {
  return partitionTag(hash(chargePointId) % PARTITIONS);
}

/** The hash tag of the partition with this number. */
export function partitionTag(partition: number): string {
  return `{p${partition}}`;
}

/** The channel of the Bus that the owner of a charge point listens on. */
export function chargePointChannel(chargePointId: string): string {
  return `voltgate:${partitionOf(chargePointId)}${INFIX}${chargePointId}`;
}

/** The charge point whose channel this is. */
export function chargePointOf(channel: string): string {
  return channel.slice(channel.indexOf(INFIX) + INFIX.length);
}

/** FNV-1a over UTF-16 units, 32 bits: cheap, and spreads ids that differ in their last digit only. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1)
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193) >>> 0;
  return (value ^ (value >>> 15)) >>> 0;
}
