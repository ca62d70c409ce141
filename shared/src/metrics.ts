import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { boundLabels } from './bounded-labels.ts';
import { VERSION } from './version.ts';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Operations of the store are shorter than a command and longer than nothing. */
const STORE_SECONDS = [0.0005, ...SECONDS];
/** Vendors and models that deviations are told apart by. */
const MOST_MODELS = 100;

/**
 * Every metric of every program, declared here and nowhere else. Base units; never a charge point id in a label, nor any
 * other word without a bound. `program` is the one that is measured.
 */
export function createMetrics(program = 'test') {
  const registry = new Registry();
  // Event loop, garbage collection, heap, CPU, file descriptors.
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  new Gauge({
    name: 'voltgate_build_info',
    help: '1, by program (gateway, worker, standalone) and version',
    labelNames: ['program', 'version'],
    registers,
  }).set({ program, version: VERSION }, 1);
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
    registryReachable: unset(
      new Gauge({
        name: 'voltgate_registry_reachable',
        help: '1 when the last renewal of the lease succeeded',
        registers,
      }),
    ),
    leaseRenewals: new Counter({
      name: 'voltgate_lease_renewals_total',
      help: 'Signs of life of this gateway by outcome: renewed, new (none lived: the first, or it had lapsed), failed',
      labelNames: ['outcome'],
      registers,
    }),
    ownershipEvents: new Counter({
      name: 'voltgate_ownership_events_total',
      help: 'Ownership of charge points: claimed, claim-failed, reclaimed, released, release-failed, zombie-closed',
      labelNames: ['event'],
      registers,
    }),
    draining: new Gauge({ name: 'voltgate_draining', help: '1 while this gateway drains', registers }),
    drainDeadline: new Gauge({
      name: 'voltgate_drain_deadline_timestamp_seconds',
      help: 'When the drain under way should have ended; 0 = none',
      registers,
    }),
    ready: new Gauge({
      name: 'voltgate_ready',
      help: '1 when this check of readiness passed when it was last made',
      labelNames: ['check'],
      registers,
    }),
    redisConnected: new Gauge({
      name: 'voltgate_redis_connected',
      help: '1 while the connection is up, by client: commands, subscriber, queue',
      labelNames: ['client'],
      registers,
    }),
    storeSeconds: new Histogram({
      name: 'voltgate_store_seconds',
      help: 'Time of one operation of the store, waiting for a connection included',
      labelNames: ['operation'],
      buckets: STORE_SECONDS,
      registers,
    }),
    storeFailures: new Counter({
      name: 'voltgate_store_failures_total',
      help: 'Failed operations of the store by kind: transient (tried again) or permanent',
      labelNames: ['operation', 'kind'],
      registers,
    }),
    storeOperations: new Gauge({
      name: 'voltgate_store_operations',
      help: 'Operations of the store under way; beyond the size of the pool they wait for a connection',
      registers,
    }),
    storePoolSize: new Gauge({
      name: 'voltgate_store_pool_size',
      help: 'Most connections of this process to Postgres (DATABASE_POOL)',
      registers,
    }),
    disconnects: new Counter({
      name: 'voltgate_disconnects_total',
      help: 'Closed connections by category of reason (too-slow = it did not read)',
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
    deviations: boundLabels(
      new Counter({
        name: 'voltgate_deviations_total',
        help: 'Accepted deviations from the specification by kind, vendor and model',
        labelNames: ['kind', 'vendor', 'model'],
        registers,
      }),
      ['vendor', 'model'],
      MOST_MODELS,
    ),
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
    oldestJobAge: new Gauge({
      name: 'voltgate_oldest_job_age_seconds',
      help: 'Age of the oldest job by queue; 0 when there is none',
      labelNames: ['queue'],
      registers,
    }),
    deadLetters: new Counter({
      name: 'voltgate_dead_letters_total',
      help: 'Letters no retry can help, kept in the table dead_letter',
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
    unknownChargePointsDropped: new Counter({
      name: 'voltgate_unknown_charge_points_dropped_total',
      help: 'Refused attempts of unknown charge points that are not listed: too many identities at a time',
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
    scheduleLastSuccess: new Gauge({
      name: 'voltgate_schedule_last_success_timestamp_seconds',
      help: 'When this process last went through a schedule without a failure, or started',
      labelNames: ['schedule'],
      registers,
    }),
    partitionDaysAhead: new Gauge({
      name: 'voltgate_partition_days_ahead',
      help: 'Days from tomorrow on that have a partition, without a gap',
      labelNames: ['table'],
      registers,
    }),
    suspectsClosed: new Counter({
      name: 'voltgate_suspects_closed_total',
      help: 'Transactions closed by policy after a boot',
      registers,
    }),
  };
}

/** The metrics of one process. */
export type Metrics = ReturnType<typeof createMetrics>;

/** Shows nothing until it is set: of a program that has no such thing, 0 would say that it is broken. */
function unset(gauge: Gauge): Gauge {
  gauge.remove();
  return gauge;
}
