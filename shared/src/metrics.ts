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
    takeovers: new Counter({
      name: 'voltgate_takeovers_total',
      help: 'Claims that took a charge point from another connection, here or on another gateway',
      registers,
    }),
    flapping: new Counter({
      name: 'voltgate_flapping_total',
      help: 'Times a charge point was found to be taken over again and again',
      registers,
    }),
    presenceDropped: new Counter({
      name: 'voltgate_presence_dropped_total',
      help: 'Changes of presence forgotten because the queue was away for too long',
      registers,
    }),
    registryReachable: new Gauge({
      name: 'voltgate_registry_reachable',
      help: '1 when the last renewal of the lease succeeded',
      registers,
    }),
    disconnects: new Counter({
      name: 'voltgate_disconnects_total',
      help: 'Closed connections by category of reason',
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
    framesDropped: new Counter({
      name: 'voltgate_frames_dropped_total',
      help: 'Frames the message log did not keep: too many, or the queue was away',
      registers,
    }),
    commands: new Counter({
      name: 'voltgate_commands_total',
      help: 'Commands asked of this gateway by action and outcome',
      labelNames: ['action', 'outcome'],
      registers,
    }),
    commandSeconds: new Histogram({
      name: 'voltgate_command_seconds',
      help: 'From a command taken to its outcome',
      buckets: [...SECONDS, 30, 60, 300],
      registers,
    }),
    lateAnswers: new Counter({
      name: 'voltgate_late_answers_total',
      help: 'Answers of chargers that came after the deadline, by action',
      labelNames: ['action'],
      registers,
    }),
    droppedCommandRecords: new Counter({
      name: 'voltgate_command_records_dropped_total',
      help: 'Records of commands that could not be written',
      registers,
    }),
    reaped: new Counter({
      name: 'voltgate_reaped_total',
      help: 'Charge points released because their gateway died',
      registers,
    }),
    followsMissed: new Counter({
      name: 'voltgate_follows_missed_total',
      help: 'Commands accepted of which nothing came in time',
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
