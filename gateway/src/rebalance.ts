import type { GatewayState } from '@voltgate/shared/ports.ts';

/**
 * How many chargers this gateway has more than `abovePercent` above the mean of all that serve, of `total` chargers, some of
 * which may be connected nowhere at the moment; 0 when it is alone, or when nobody else would take them.
 */
export function surplusOf(
  gatewayId: string,
  serving: readonly GatewayState[],
  total: number,
  abovePercent: number,
): number {
  const own = serving.find((gateway) => gateway.gatewayId === gatewayId);
  if (!own || serving.length < 2) return 0;
  const limit = (total / serving.length) * (1 + abovePercent / 100);
  // Down to the mean itself would only hand the surplus to the next.
  return Math.max(0, Math.floor(own.connections - limit));
}
