import { type Job, Queue, Worker } from 'bullmq';
import type { Log } from '../log.ts';
import { MOST_LOG_JOBS } from '../log-jobs.ts';
import { type Depth, type Jobs, JobsUnavailable, type Letter, type ReplyTo } from '../ports.ts';
import type { Client } from './client.ts';

/** Braces keep all keys of the queues in one slot of a Redis Cluster. */
const PREFIX = '{voltgate}';
/** A job whose worker died is seen as stalled after this and run again by another. */
const LOCK_MS = 10_000;
/** Jobs looked at for the oldest one. */
const LOOKED_AT = 500;
const RETRY_FIRST_MS = 100;
const RETRY_MOST_MS = 5_000;

type TellData = { readonly letters: readonly Letter[] };
type AskData = { readonly letter: Letter; readonly replyTo: ReplyTo };

export type RedisJobsOptions = {
  /** Gives quick verdicts (see client.ts); used to add jobs. */
  readonly producer: Client;
  /** A fresh client for a worker to block on. */
  readonly createConsumer: () => Client;
  readonly log: Log;
};

/** Jobs over BullMQ. Accepted = written to Redis, as durable as its append-only file. */
export function createRedisJobs({ producer, createConsumer, log }: RedisJobsOptions): Jobs {
  // A thrown handler means "again later" for as long as it takes: what no retry can help never throws (worker.ts).
  const defaultJobOptions = {
    attempts: Number.MAX_SAFE_INTEGER,
    backoff: { type: 'voltgate' },
    removeOnComplete: true,
  } as const;
  const queueOptions = {
    connection: producer,
    prefix: PREFIX,
    skipVersionCheck: true,
    skipWaitingForReady: true,
    skipMetasUpdate: true,
    defaultJobOptions,
  };
  const tells = new Queue<TellData>('tell', queueOptions);
  const asks = new Queue<AskData>('ask', queueOptions);
  const logs = new Queue<TellData>('log', queueOptions);
  for (const queue of [tells, asks, logs])
    queue.on('error', (error) => log.warn({ err: error, queue: queue.name }, 'queue unavailable'));

  /** Returns how to stop. BullMQ leaves a connection it was given open. */
  function work<Data>(name: string, concurrency: number, run: (data: Data) => Promise<void>): () => Promise<void> {
    const consumer = createConsumer();
    const worker = new Worker<Data, void>(name, (job: Job<Data>) => run(job.data), {
      connection: consumer,
      prefix: PREFIX,
      skipVersionCheck: true,
      concurrency,
      lockDuration: LOCK_MS,
      stalledInterval: LOCK_MS / 2,
      maxStalledCount: Number.MAX_SAFE_INTEGER,
      removeOnComplete: { count: 0 },
      settings: {
        backoffStrategy: (attempt) =>
          Math.min(RETRY_FIRST_MS * 2 ** Math.min(attempt, 10), RETRY_MOST_MS) * (0.75 + Math.random() / 2),
      },
    });
    worker.on('error', (error) => log.warn({ err: error, queue: name }, 'worker lost the queue'));
    worker.on('failed', (job, error) =>
      log.warn({ err: error, queue: name, jobId: job?.id, attempt: job?.attemptsMade }, 'job will run again'),
    );
    worker.on('stalled', (jobId) => log.warn({ queue: name, jobId }, 'job of a dead worker taken over'));
    return async () => {
      await worker.close();
      consumer.disconnect();
    };
  }

  return {
    async tell(letters) {
      await tells.add('tell', { letters }).catch(unavailable);
    },
    async log(letters) {
      // Redis evicts nothing: a log nobody writes down must not take the room of energy.
      const waiting = await logs.count().catch(unavailable);
      if (waiting >= MOST_LOG_JOBS) throw new JobsUnavailable(`${waiting} jobs of the message log are waiting already`);
      await logs.add('log', { letters }).catch(unavailable);
    },
    async ask(letter, replyTo) {
      await asks.add('ask', { letter, replyTo }).catch(unavailable);
    },
    async work(handlers, { tellConcurrency, askConcurrency }) {
      const stops = [
        work<TellData>('tell', tellConcurrency, ({ letters }) => handlers.tell(letters)),
        work<AskData>('ask', askConcurrency, ({ letter, replyTo }) => handlers.ask(letter, replyTo)),
        work<TellData>('log', 1, ({ letters }) => handlers.tell(letters)),
      ];
      return async () => {
        await Promise.all(stops.map((stop) => stop()));
      };
    },
    async depth() {
      return {
        tell: await depthOf(tells, producer),
        ask: await depthOf(asks, producer),
        log: await depthOf(logs, producer),
      };
    },
    async close() {
      await Promise.allSettled([tells, asks, logs].map((queue) => queue.close()));
    },
  };
}

async function depthOf(queue: Queue, client: Client): Promise<Depth> {
  const { waiting = 0, active = 0, delayed = 0, failed = 0, prioritized = 0 } = await queue.getJobCounts();
  return { waiting: waiting + prioritized, active, delayed, failed, oldestAtMs: await oldestOf(queue, client) };
}

/** Ids count upwards. Delayed jobs are in order of their next attempt: among the next of many is one of the oldest. */
async function oldestOf(queue: Queue, client: Client): Promise<number | null> {
  const ids = [
    ...(await queue.getRanges(['wait'], 0, 0, true)),
    ...(await queue.getRanges(['active', 'delayed'], 0, LOOKED_AT, true)),
  ];
  if (ids.length === 0) return null;
  const oldest = ids.reduce((first, id) => (Number(id) < Number(first) ? id : first));
  // Not the whole job: it may hold hundreds of letters. Null when it has just ended.
  const since = await client.hget(queue.toKey(oldest), 'timestamp');
  return since === null ? null : Number(since);
}

function unavailable(cause: unknown): never {
  throw new JobsUnavailable('the queue did not accept the message', { cause });
}
