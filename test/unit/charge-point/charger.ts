import type { TestContext } from 'node:test';
import { type ChargePointOptions, createChargePoint } from '../../support/charge-point/charge-point.ts';

/** A charger with short intervals, its power on; off again with the test. */
export function charger(t: TestContext, url: string, options: Partial<ChargePointOptions> = {}) {
  const chargePoint = createChargePoint({
    url,
    id: 'CP1',
    secondMs: 10,
    callTimeoutMs: 10_000,
    transferStepMs: 5,
    backoff: { minMs: 10, maxMs: 50 },
    ...options,
  });
  t.after(() => chargePoint.stop());
  chargePoint.start();
  return chargePoint;
}
