import type { Log } from '@voltgate/shared/log.ts';
import type { Metrics } from '@voltgate/shared/metrics.ts';
import type { Bus, Claim, Owner, Registry, Takeovers } from '@voltgate/shared/ports.ts';
import { withinMs } from '@voltgate/shared/within.ts';
import { CLOSE, type Connection, type ConnectionEnd } from './connection.ts';
import type { Presence } from './presence.ts';
import { createReclaim } from './reclaim.ts';
import { createSubscriptions } from './subscriptions.ts';
import { type ChannelMessage, readChannelMessage, tellTakenOver } from './takeover.ts';
import { inBatches } from './waiting.ts';

/**
 * Who owns the charge points connected here, as the registry and workers are told.
 *
 *   opened -- subscribe, claim --> owned -- closed --> released, told offline
 *      \                             \---- a newer epoch is known --> zombie: closed 4001, nothing told
 *       \-- registry away --> served unowned -- next round of the lease --> owned
 */
export type Ownership = {
  /** A connection opened here; `replaced` = the one it took the place of on this gateway, already out of `live`. */
  opened(connection: Connection, replaced: Connection | undefined): void;
  /** The live connection of a charge point is gone. */
  closed(connection: Connection, end: ConnectionEnd): void;
  /** Claims what the registry could not be asked for yet, releases likewise. */
  catchUp(): Promise<void>;
  /** Claims all live ones anew under the next epoch: the registry forgot them, or others saw them die. Rejects when it is away. */
  reclaimAll(): Promise<void>;
  /** Looks whether the next slice is still ours, so that a lost message is noticed within some rounds. Rejects as above. */
  audit(): Promise<void>;
  /** Resolves when claims and releases under way are done, after at most `timeoutMs`, to how many are not released. */
  settle(timeoutMs: number): Promise<number>;
};

export type OwnershipOptions = {
  readonly registry: Registry;
  readonly bus: Bus;
  readonly gatewayId: string;
  readonly presence: Presence;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Live connections by charge point; read only. */
  readonly live: ReadonlyMap<string, Connection>;
  /** A connection took over from another, here or elsewhere. */
  readonly onTakeover: (connection: Connection, replaced: Connection | undefined, takeovers: Takeovers) => void;
  readonly flapWindowMs: number;
  /** Something else was said on a channel that is listened to here; undefined = its connection closed just now. */
  readonly onMessage: (connection: Connection | undefined, message: ChannelMessage) => void;
};

/** A claim slower than this does not keep the charger from being answered. */
const SERVE_WITHIN_MS = 1_000;
const CLAIMS_AT_ONCE = 100;
const MOST_UNRELEASED = 50_000;

/** Keeps ownership of what is connected here. */
export function createOwnership(options: OwnershipOptions): Ownership {
  const { registry, bus, gatewayId, presence, log, metrics, live } = options;
  const subscriptions = createSubscriptions({ bus, log, onText });
  /** What a connection inherits from the one it replaced here, until its own claim. */
  const inherited = new Map<Connection, Owner>();
  const unclaimed = new Set<Connection>();
  /** Charge points by connection. */
  const unreleased = new Map<string, string>();
  const claimedElsewhere = new Map<Connection, number>();
  const underWay = new Set<Promise<unknown>>();
  const reclaiming = createReclaim({
    registry,
    live,
    log,
    ownerOf,
    onLost: (connection) => closeZombie(connection, undefined),
    onReclaimed(connection, epoch) {
      connection.epoch = epoch;
      metrics.ownershipEvents.inc({ event: 'reclaimed' });
      tellOnline(connection, epoch);
    },
  });

  function opened(connection: Connection, replaced: Connection | undefined): void {
    const before = replaced && (ownerOf(replaced) ?? inherited.get(replaced));
    if (replaced) forget(replaced);
    if (before) inherited.set(connection, before);
    const claiming = track(claim(connection, replaced));
    const timer = setTimeout(() => connection.serve(), SERVE_WITHIN_MS);
    void claiming.finally(() => {
      clearTimeout(timer);
      connection.serve();
    });
  }

  /** Never rejects: a registry that is away leaves the connection unclaimed. */
  async function claim(connection: Connection, replaced: Connection | undefined): Promise<void> {
    const { chargePointId } = connection.chargePoint;
    unclaimed.delete(connection);
    try {
      const isOpen = await subscriptions.open(chargePointId);
      // A successor on this gateway claims for itself; claiming after it would take the charge point from it.
      if (!isOpen || live.get(chargePointId) !== connection) return;
      const claim = await registry.claim(chargePointId, gatewayId, connection.connectionId, options.flapWindowMs);
      claimed(connection, claim, replaced);
    } catch (error) {
      metrics.ownershipEvents.inc({ event: 'claim-failed' });
      if (live.get(chargePointId) === connection) unclaimed.add(connection);
      // What failed may have been done all the same, for a connection that has gone.
      else releaseLater(chargePointId, connection.connectionId);
      log.warn({ err: error, chargePointId, connectionId: connection.connectionId }, 'claim failed, later again');
    }
  }

  function claimed(
    connection: Connection,
    { epoch, previous, takeovers }: Claim,
    replaced: Connection | undefined,
  ): void {
    const { chargePointId } = connection.chargePoint;
    const newerEpoch = claimedElsewhere.get(connection) ?? 0;
    forget(connection);
    connection.epoch = epoch;
    metrics.ownershipEvents.inc({ event: 'claimed' });
    const isNews = takeovers !== null && previous?.gatewayId !== gatewayId;
    connection.announced = !isNews;
    if (takeovers) {
      metrics.takeovers.inc();
      options.onTakeover(connection, replaced, takeovers);
      if (isNews) tellTakenOver(bus, connection);
    }
    if (connection.isClosed) {
      // It closed while it was being claimed. A successor here claims for itself and says who is online.
      const successor = live.get(chargePointId);
      const owner = { gatewayId, connectionId: connection.connectionId, epoch };
      if (!successor) endedUnowned(connection, owner);
      else if (successor.epoch === undefined) inherited.set(successor, owner);
      return;
    }
    if (newerEpoch > epoch) return closeZombie(connection, newerEpoch);
    tellOnline(connection, epoch);
  }

  function onText(chargePointId: string, text: string): void {
    const message = readChannelMessage(text);
    if (!message) return log.warn({ chargePointId, length: text.length }, 'message on the channel unreadable');
    const connection = live.get(chargePointId);
    if (message.type !== 'taken-over') return options.onMessage(connection, message);
    if (!connection || typeof message.epoch !== 'number') return;
    if (connection.connectionId === message.connectionId) {
      // All hear one channel in the same order.
      connection.announced = true;
      return;
    }
    // Its own claim may be answered after this message: which one is newer is known then.
    if (connection.epoch === undefined) claimedElsewhere.set(connection, message.epoch);
    else if (connection.epoch < message.epoch) closeZombie(connection, message.epoch);
  }

  /** Another gateway holds a newer connection: the charger is there. */
  function closeZombie(connection: Connection, newerEpoch: number | undefined): void {
    const { chargePointId } = connection.chargePoint;
    metrics.ownershipEvents.inc({ event: 'zombie-closed' });
    log.info({ chargePointId, connectionId: connection.connectionId, newerEpoch }, 'taken over by another gateway');
    connection.close(CLOSE.replaced, 'a newer connection took over', 'replaced');
  }

  function closed(connection: Connection, end: ConnectionEnd): void {
    const { chargePointId } = connection.chargePoint;
    const owner = ownerOf(connection) ?? inherited.get(connection);
    forget(connection);
    subscriptions.close(chargePointId);
    if (!owner || end.category === 'replaced') return;
    ended(connection, owner, end);
  }

  const endedUnowned = (connection: Connection, owner: Pick<Owner, 'connectionId' | 'epoch'>) =>
    ended(connection, owner, { code: 1006, reason: 'closed before it was claimed', category: 'connection-lost' });

  function ended(connection: Connection, owner: Pick<Owner, 'connectionId' | 'epoch'>, end: ConnectionEnd): void {
    const { chargePointId } = connection.chargePoint;
    presence.tell({
      chargePointId,
      epoch: owner.epoch,
      online: false,
      atMs: Date.now(),
      gatewayId,
      connectionId: owner.connectionId,
      address: connection.address,
      reason: end.reason || `WebSocket close code ${end.code}`,
      category: end.category,
    });
    void track(release(chargePointId, owner.connectionId));
  }

  async function release(chargePointId: string, connectionId: string): Promise<void> {
    try {
      await registry.release(chargePointId, connectionId);
      unreleased.delete(connectionId);
      metrics.ownershipEvents.inc({ event: 'released' });
    } catch (error) {
      metrics.ownershipEvents.inc({ event: 'release-failed' });
      releaseLater(chargePointId, connectionId);
      log.warn({ err: error, chargePointId, connectionId }, 'release failed, later again');
    }
  }

  function releaseLater(chargePointId: string, connectionId: string): void {
    if (unreleased.size < MOST_UNRELEASED) unreleased.set(connectionId, chargePointId);
  }

  function tellOnline(connection: Connection, epoch: number): void {
    presence.tell({
      chargePointId: connection.chargePoint.chargePointId,
      epoch,
      online: true,
      atMs: Date.now(),
      gatewayId,
      connectionId: connection.connectionId,
      address: connection.address,
      reason: null,
      category: null,
    });
  }

  async function catchUp(): Promise<void> {
    await inBatches([...unclaimed], CLAIMS_AT_ONCE, (batch) =>
      Promise.all(
        batch.map((connection) => {
          const { chargePointId } = connection.chargePoint;
          if (live.get(chargePointId) === connection) return claim(connection, undefined);
          unclaimed.delete(connection);
          return undefined;
        }),
      ),
    );
    await inBatches([...unreleased], CLAIMS_AT_ONCE, (batch) =>
      Promise.all(batch.map(([connectionId, chargePointId]) => release(chargePointId, connectionId))),
    );
  }

  function ownerOf({ connectionId, epoch }: Connection): Owner | undefined {
    return epoch === undefined ? undefined : { gatewayId, connectionId, epoch };
  }

  function forget(connection: Connection): void {
    unclaimed.delete(connection);
    inherited.delete(connection);
    claimedElsewhere.delete(connection);
  }

  function track<T>(work: Promise<T>): Promise<T> {
    underWay.add(work);
    void work.finally(() => underWay.delete(work));
    return work;
  }

  return {
    opened,
    closed,
    catchUp,
    reclaimAll: reclaiming.all,
    audit: reclaiming.audit,
    async settle(timeoutMs) {
      await withinMs(timeoutMs, Promise.all(underWay));
      return unreleased.size;
    },
  };
}
