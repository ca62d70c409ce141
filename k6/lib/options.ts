import type { Options } from 'k6/options';
import { FAULT_NAMES } from './metrics.ts';
import { settings } from './settings.ts';

type Thresholds = Record<string, string[]>;

const ACTIONS = ['BootNotification', 'Heartbeat', 'StartTransaction', 'MeterValues', 'StopTransaction'];
/** Codes a gateway closes with, and 1006: no close frame at all. Named, so that the summary counts each. */
const CODES = [1000, 1001, 1002, 1003, 1006, 1007, 1008, 1009, 1011, 1012, 1013, 4001, 4002, 4003];
const SUMMARY_STATISTICS = ['avg', 'min', 'med', 'p(90)', 'p(95)', 'p(99)', 'max', 'count'];

/**
 * One VU per SOCKETS_PER_VU chargers, each running once. The run fails when anything is lost or counted twice, when a charger
 * did not come as far as comparing, when a connection ends unexpectedly, or when answers are slow.
 */
export function fleetOptions(seconds: number, more: Thresholds = {}): Options {
  return {
    scenarios: {
      chargers: {
        executor: 'per-vu-iterations',
        vus: Math.max(1, Math.ceil(settings.chargers / settings.socketsPerVu)),
        iterations: 1,
        maxDuration: `${Math.ceil(seconds + settings.chargers / settings.connectRate) + 600}s`,
      },
    },
    setupTimeout: '30m',
    insecureSkipTLSVerify: settings.insecureTls,
    summaryTrendStats: SUMMARY_STATISTICS,
    thresholds: { ...common(), ...more },
  };
}

function common(): Thresholds {
  const thresholds: Thresholds = {
    reconciled_chargers: [`count==${settings.chargers}`],
    ocpp_unexpected_closes: ['count==0'],
  };
  for (const name of FAULT_NAMES) thresholds[name] = ['count==0'];
  for (const action of ACTIONS) thresholds[`ocpp_call_duration{action:${action}}`] = [`p(95)<${settings.answerP95Ms}`];
  // Always met: a number of its own in the summary is what they are for.
  for (const kind of ['unexpected', 'expected'])
    for (const code of CODES) thresholds[`ocpp_${kind}_closes{code:${code}}`] = ['count>=0'];
  return thresholds;
}
