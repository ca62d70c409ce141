import { EVENTS_CHANNEL, type EventKind, type LiveEvent } from '@voltgate/shared/events.ts';
import { parseJson } from '@voltgate/shared/ocpp16/json.ts';
import type { Bus } from '@voltgate/shared/ports.ts';

/** Which events somebody wants to see; undefined = all. */
export type EventFilter = {
  readonly chargePointId?: string | undefined;
  readonly kinds?: readonly EventKind[] | undefined;
};

/** Somebody who watches. */
export type Watcher = {
  readonly filter: EventFilter;
  readonly saw: (event: LiveEvent) => void;
  /** The gateway stops. */
  readonly ended: () => void;
};

/** A watch that has begun, and what came before it. */
export type Watch = {
  readonly missed: readonly LiveEvent[];
  readonly complete: boolean;
  readonly stop: () => void;
};

/** Live events of the whole cluster, as they pass this gateway. */
export type Events = {
  /**
   * Shows the watcher everything as it happens, until `stop` is called. `missed` is what happened since the event `after`;
   * `complete` is false when that event is no longer known here: then some may be missing.
   */
  watch(watcher: Watcher, after?: string): Watch;
  readonly watchers: () => number;
  /** Ends every watcher. */
  close(): Promise<void>;
};

/** Listens to the events of all processes and keeps the newest `window` for those who come back. */
export async function createEvents(bus: Bus, window: number): Promise<Events> {
  const watchers = new Set<Watcher>();
  let kept: LiveEvent[] = [];
  const unsubscribe = await bus.subscribe(EVENTS_CHANNEL, (text) => {
    // Written by the announcer of another process of the same release.
    const events = parseJson(text) as readonly LiveEvent[];
    kept.push(...events);
    // Cut now and then, not with every event: cutting copies all of it.
    if (kept.length > window * 2) kept = kept.slice(kept.length - window);
    if (watchers.size === 0) return;
    for (const event of events) {
      for (const watcher of watchers) if (passes(watcher.filter, event)) watcher.saw(event);
    }
  });

  function since(after: string): { readonly complete: boolean; readonly events: readonly LiveEvent[] } {
    const newest = kept.slice(Math.max(0, kept.length - window));
    // By place: ids of several processes come in any order. Otherwise by time, the best that can be done.
    const place = newest.findIndex(({ id }) => id === after);
    if (place >= 0) return { complete: true, events: newest.slice(place + 1) };
    return { complete: false, events: newest.filter(({ id }) => id > after) };
  }

  return {
    watch(watcher, after) {
      const { complete, events } = after === undefined ? { complete: true, events: [] } : since(after);
      watchers.add(watcher);
      const missed = events.filter((event) => passes(watcher.filter, event));
      return { missed, complete, stop: () => void watchers.delete(watcher) };
    },
    watchers: () => watchers.size,
    async close() {
      await unsubscribe();
      for (const watcher of [...watchers]) watcher.ended();
      watchers.clear();
    },
  };
}

function passes({ chargePointId, kinds }: EventFilter, event: LiveEvent): boolean {
  if (chargePointId !== undefined && event.chargePointId !== chargePointId) return false;
  return !kinds || kinds.includes(event.kind);
}
