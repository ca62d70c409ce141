/** Things waiting for companions; see `createGather`. */
export type Gather<T> = {
  /** Resolves when the batch this item went with was flushed; rejects as the flush did, or with `Full`. */
  add(item: T): Promise<void>;
  /** Items added and not settled. */
  readonly pending: () => number;
  /** Flushes what waits and resolves when nothing is pending. */
  drain(): Promise<void>;
};

export type GatherOptions<T> = {
  readonly maxItems: number;
  /** 0 = flush at the end of the current turn of the event loop. */
  readonly maxWaitMs: number;
  /** Bound on unsettled items; beyond it `add` rejects with `Full` at once. */
  readonly maxPending: number;
  readonly flush: (items: readonly T[]) => Promise<void>;
};

/** The bound on unsettled items is reached. */
export class Full extends Error {
  override readonly name = 'Full';
}

type Batch<T> = {
  readonly items: T[];
  readonly settled: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
};

/**
 * Gathers items for up to `maxWaitMs` or `maxItems`, whichever is first, and flushes them together. Everyone who added
 * to a batch shares its outcome. One timer and one promise per batch, none per item.
 */
export function createGather<T>(options: GatherOptions<T>): Gather<T> {
  let open: Batch<T> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let pending = 0;
  const flights = new Set<Promise<void>>();

  function add(item: T): Promise<void> {
    if (pending >= options.maxPending)
      return Promise.reject(new Full(`${options.maxPending} messages are waiting already`));
    pending += 1;
    open ??= begin();
    const batch = open;
    batch.items.push(item);
    if (batch.items.length >= options.maxItems) send();
    return batch.settled;
  }

  function begin(): Batch<T> {
    timer = setTimeout(send, options.maxWaitMs);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    return { items: [], settled: promise, resolve, reject };
  }

  function send(): void {
    clearTimeout(timer);
    const batch = open;
    open = undefined;
    if (!batch) return;
    const landed = () => {
      pending -= batch.items.length;
      flights.delete(flight);
    };
    const flight = options.flush(batch.items).finally(landed).then(batch.resolve, batch.reject);
    flights.add(flight);
  }

  async function drain(): Promise<void> {
    send();
    while (flights.size > 0) await Promise.all(flights);
  }

  return { add, pending: () => pending, drain };
}
