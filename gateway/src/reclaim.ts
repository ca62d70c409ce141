import type { Log } from '@voltgate/shared/log.ts';
import type { Owner, Registry } from '@voltgate/shared/ports.ts';
import type { Connection } from './connection.ts';
import { inBatches } from './waiting.ts';

/** Compares what is live here with what the registry knows. Both reject when it is away. */
export type Reclaim = {
  /** Claims all live ones anew under the next epoch, in batches with pauses between them. */
  all(): Promise<void>;
  /** Looks whether the next slice is still ours. */
  audit(): Promise<void>;
};

export type ReclaimOptions = {
  readonly registry: Pick<Registry, 'reclaim'>;
  /** Live connections by charge point; read only. */
  readonly live: ReadonlyMap<string, Connection>;
  readonly log: Log;
  /** What the registry should say of a connection; undefined while it is not claimed. */
  readonly ownerOf: (connection: Connection) => Owner | undefined;
  /** Another gateway holds a newer connection. */
  readonly onLost: (connection: Connection) => void;
  readonly onReclaimed: (connection: Connection, epoch: number) => void;
};

const BATCH_SIZE = 500;
const BATCH_JITTER_MS = 100;

/** Reclaims live connections, and finds those that were lost unheard. */
export function createReclaim({ registry, live, log, ownerOf, onLost, onReclaimed }: ReclaimOptions): Reclaim {
  let auditFrom = 0;

  async function all(): Promise<void> {
    const owned = [...live.values()].filter((connection) => connection.epoch !== undefined);
    if (owned.length > 0) log.warn({ connections: owned.length }, 'claiming everything anew');
    let first = true;
    await inBatches(owned, BATCH_SIZE, async (batch) => {
      // All gateways meet an empty registry in the same moment.
      if (!first) await new Promise((resolve) => setTimeout(resolve, Math.random() * BATCH_JITTER_MS));
      first = false;
      await reclaim(batch, 1);
    });
  }

  async function audit(): Promise<void> {
    const connections = [...live.values()];
    if (auditFrom >= connections.length) auditFrom = 0;
    const slice = connections.slice(auditFrom, auditFrom + BATCH_SIZE);
    auditFrom += BATCH_SIZE;
    if (slice.length > 0) await reclaim(slice, 0);
  }

  /** With `step` 1 under the next epoch: at the old one they may have been told offline, and going wins. */
  async function reclaim(connections: readonly Connection[], step: 0 | 1): Promise<void> {
    const claims = connections.flatMap((connection) => {
      const owner = connection.isClosed ? undefined : ownerOf(connection);
      return owner ? [{ connection, owner: { ...owner, epoch: owner.epoch + step } }] : [];
    });
    const lost = new Set(
      await registry.reclaim(
        claims.map(({ connection, owner }) => ({ chargePointId: connection.chargePoint.chargePointId, owner })),
      ),
    );
    for (const { connection, owner } of claims) {
      const { chargePointId } = connection.chargePoint;
      if (live.get(chargePointId) !== connection) continue;
      if (lost.has(chargePointId)) onLost(connection);
      else if (step > 0) onReclaimed(connection, owner.epoch);
    }
  }

  return { all, audit };
}
