import type { GatewayState } from '@voltgate/shared/ports.ts';

/** What a gateway says of itself with its lease: it serves, without chargers. */
export function gatewayState(gatewayId: string, values: Partial<GatewayState> = {}): GatewayState {
  return {
    gatewayId,
    version: '1',
    startedAtMs: 1,
    renewedAtMs: 1,
    state: 'serving',
    connections: 0,
    messagesPerSecond: 0,
    apiUrl: '',
    ...values,
  };
}
