import { type ChargePoint, createChargePoint } from '../../support/charge-point/charge-point.ts';
import { runDay } from '../../support/charge-point/run-day.ts';
import type { createApiClient } from './api.ts';
import type { Stack } from './stack.ts';

type Api = ReturnType<typeof createApiClient>;

export const ID_TAG = 'CHECK-TAG';

/** Registers charge points with passwords of their own, and starts them. They reconnect within two seconds. */
export async function startChargers(ids: readonly string[], stack: Stack, api: Api): Promise<readonly ChargePoint[]> {
  return await Promise.all(
    ids.map(async (chargePointId) => {
      const made = await api('POST', '/charge-points', { chargePointId, generatePassword: true, securityProfile: 1 });
      if (made.status !== 201) throw new Error(`${chargePointId}: ${made.status} ${JSON.stringify(made.body)}`);
      const chargePoint = createChargePoint({
        url: stack.ocppUrl,
        id: chargePointId,
        // [OCPP 1.6 security whitepaper] the AuthorizationKey is bytes, written in hex.
        password: Buffer.from(String(made.body.password), 'hex'),
        tls: { ca: stack.certificate },
        speed: 600,
        backoff: { minMs: 200, maxMs: 2_000 },
      });
      chargePoint.start();
      return chargePoint;
    }),
  );
}

/** One hour on one connector in six seconds. Resolves to what the charger says it delivered. */
export async function chargeOnce(chargePoint: ChargePoint) {
  const day = { sessions: 1, sessionSeconds: 3_600, meterIntervalSeconds: 600, idTag: ID_TAG };
  return await runDay(chargePoint, day);
}
