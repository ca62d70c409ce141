import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Every metric of every program, declared here and nowhere else. Base units; never a charge point id in a label. */
export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    connections: new Gauge({ name: 'voltgate_connections', help: 'Chargers connected to this gateway', registers }),
    upgrades: new Counter({
      name: 'voltgate_upgrades_total',
      help: 'WebSocket upgrades by outcome',
      labelNames: ['outcome'],
      registers,
    }),
    disconnects: new Counter({
      name: 'voltgate_disconnects_total',
      help: 'Closed connections by reason',
      labelNames: ['reason'],
      registers,
    }),
    calls: new Counter({
      name: 'voltgate_calls_total',
      help: 'Calls of chargers by action and outcome (answered, or the CALLERROR code)',
      labelNames: ['action', 'outcome'],
      registers,
    }),
    callSeconds: new Histogram({
      name: 'voltgate_call_seconds',
      help: 'From frame read to frame answered',
      labelNames: ['way'],
      buckets: SECONDS,
      registers,
    }),
    ignoredFrames: new Counter({
      name: 'voltgate_ignored_frames_total',
      help: 'Frames that cannot be answered, by kind',
      labelNames: ['kind'],
      registers,
    }),
    deviations: new Counter({
      name: 'voltgate_deviations_total',
      help: 'Accepted deviations from the specification by kind, vendor and model',
      labelNames: ['kind', 'vendor', 'model'],
      registers,
    }),
    pendingTells: new Gauge({
      name: 'voltgate_pending_tells',
      help: 'Told messages not yet accepted durably',
      registers,
    }),
    pendingAsks: new Gauge({ name: 'voltgate_pending_asks', help: 'Asks without an answer yet', registers }),
    handled: new Counter({
      name: 'voltgate_handled_total',
      help: 'Letters handled by the worker, by action and outcome (done, dead)',
      labelNames: ['action', 'outcome'],
      registers,
    }),
    handleSeconds: new Histogram({
      name: 'voltgate_handle_seconds',
      help: 'Time the worker takes for one ask or one set of told letters',
      labelNames: ['way'],
      buckets: SECONDS,
      registers,
    }),
    letterAgeSeconds: new Histogram({
      name: 'voltgate_letter_age_seconds',
      help: 'From frame read to commit',
      labelNames: ['way'],
      buckets: [...SECONDS, 30, 60, 300],
      registers,
    }),
    jobs: new Gauge({
      name: 'voltgate_jobs',
      help: 'Jobs by queue and state',
      labelNames: ['queue', 'state'],
      registers,
    }),
    suspectsClosed: new Counter({
      name: 'voltgate_suspects_closed_total',
      help: 'Transactions closed by policy after a boot',
      registers,
    }),
  };
}

export type Metrics = ReturnType<typeof createMetrics>;
