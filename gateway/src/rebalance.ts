import type { GatewayState } from '@voltgate/shared/ports.ts';

/**
 * How many chargers this gateway has more than `abovePercent` above the mean of all that serve; 0 when it is alone, or
 * when nobody else would take them.
 */
export function surplusOf(gatewayId: string, gateways: readonly GatewayState[], abovePercent: number): number {
  const serving = gateways.filter(({ state }) => state === 'serving');
  const own = serving.find((gateway) => gateway.gatewayId === gatewayId);
  if (!own || serving.length < 2) return 0;
  const mean = serving.reduce((sum, { connections }) => sum + connections, 0) / serving.length;
  const limit = mean * (1 + abovePercent / 100);
  // Down to the mean itself would only hand the surplus to the next.
  return Math.max(0, Math.floor(own.connections - limit));
}
