import { PARTITIONS, partitionOf, partitionTag } from '../channels.ts';
import { type Orphaned, type Owner, type Registry, TAKEOVER_WINDOW_MS } from '../ports.ts';
import type { Client } from './client.ts';
import { createLeases } from './leases.ts';
import { defineScript, type Script } from './script.ts';

/**
 * Owners stand in one hash per partition, field = charge point, value = `<epoch> <connectionId> <gatewayId>`, without any
 * expiry of their own: an entry counts only while its gateway's lease lives (leases.ts). Every step on one charge point is
 * one script on one partition. The clock of the epochs is that of Redis, the same for all gateways. Beside the owners stands
 * a second hash, value = `<takeovers> <ms of the first>`: only of charge points taken from somebody, until they are released.
 */
const CLAIM = `
local kept = redis.call('HGET', KEYS[1], ARGV[1])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local epoch = now
local takeovers
if kept and string.match(kept, '^%d+ (%S+)') ~= string.match(ARGV[2], '^%S+') then
  local count, since = string.match(redis.call('HGET', KEYS[2], ARGV[1]) or '', '^(%d+) (%d+)$')
  if not count or now - since >= tonumber(ARGV[3]) then count, since = 0, now end
  takeovers = string.format('%.0f %.0f', count + 1, since)
  redis.call('HSET', KEYS[2], ARGV[1], takeovers)
end
if kept then epoch = math.max(epoch, tonumber(string.match(kept, '^%d+')) + 1) end
epoch = string.format('%.0f', epoch)
redis.call('HSET', KEYS[1], ARGV[1], epoch .. ' ' .. ARGV[2])
return { epoch, kept, takeovers or false }`;

const RELEASE = `
local kept = redis.call('HGET', KEYS[1], ARGV[1])
if not kept or string.match(kept, '^%d+ (%S+)') ~= ARGV[2] then return 0 end
redis.call('HDEL', KEYS[2], ARGV[1])
return redis.call('HDEL', KEYS[1], ARGV[1])`;

/** ARGV: charge point and value by turns; returns those somebody newer owns. */
const RECLAIM = `
local lost = {}
for i = 1, #ARGV, 2 do
  local kept = redis.call('HGET', KEYS[1], ARGV[i])
  local epoch, connection = string.match(ARGV[i + 1], '^(%d+) (%S+)')
  local keptEpoch, keptConnection = string.match(kept or '0', '^(%d+) ?(%S*)')
  if not kept or tonumber(keptEpoch) < tonumber(epoch) then
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
  elseif keptConnection ~= connection then
    lost[#lost + 1] = ARGV[i]
  end
end
return lost`;

/** ARGV: charge point and value by turns; deletes what is still so and returns those charge points. */
const REAP = `
local freed = {}
for i = 1, #ARGV, 2 do
  if redis.call('HGET', KEYS[1], ARGV[i]) == ARGV[i + 1] then
    redis.call('HDEL', KEYS[1], ARGV[i])
    redis.call('HDEL', KEYS[2], ARGV[i])
    freed[#freed + 1] = ARGV[i]
  end
end
return freed`;

/** Charge points in one script call: it holds up everybody else on that node for well under a millisecond. */
const BATCH = 200;
const SCAN_COUNT = 500;

type Entry = readonly [chargePointId: string, value: string];

/**
 * Registry over Redis, on one client that gives quick verdicts (see client.ts); closes it. Connection ids hold no blanks.
 * A lease is looked up at most once a second and never believed for longer than it lives.
 */
export function createRedisRegistry(client: Client): Registry {
  const leases = createLeases(client);
  const claim = defineScript(client, 'voltgateClaim', 2, CLAIM);
  const release = defineScript(client, 'voltgateRelease', 2, RELEASE);
  const reclaim = defineScript(client, 'voltgateReclaim', 1, RECLAIM);
  const reap = defineScript(client, 'voltgateReap', 2, REAP);

  /** Runs a script that takes pairs, batch by batch; resolves to the charge points it returned. */
  async function inBatches(script: Script, keys: readonly string[], entries: readonly Entry[]): Promise<string[]> {
    const returned: string[] = [];
    for (let from = 0; from < entries.length; from += BATCH)
      returned.push(...((await script(...keys, ...entries.slice(from, from + BATCH).flat())) as string[]));
    return returned;
  }

  async function reapPartition(tag: string, dead: ReadonlySet<string>): Promise<Orphaned[]> {
    const keys = keysOf(tag);
    const owners = new Map<string, Owner>();
    const values = new Map<string, string>();
    let cursor = '0';
    do {
      const [next, fields] = await client.hscan(keys[0], cursor, 'COUNT', SCAN_COUNT);
      for (let index = 0; index + 1 < fields.length; index += 2) {
        const [chargePointId = '', value = ''] = fields.slice(index, index + 2);
        const owner = readOwner(value);
        if (!dead.has(owner.gatewayId)) continue;
        owners.set(chargePointId, owner);
        values.set(chargePointId, value);
      }
      cursor = next;
    } while (cursor !== '0');
    const freed = await inBatches(reap, keys, [...values]);
    return freed.flatMap((chargePointId) => {
      const owner = owners.get(chargePointId);
      return owner ? [{ chargePointId, owner }] : [];
    });
  }

  return {
    async claim(chargePointId, gatewayId, connectionId, windowMs = TAKEOVER_WINDOW_MS) {
      const keys = keysOf(partitionOf(chargePointId));
      const reply = await claim(...keys, chargePointId, `${connectionId} ${gatewayId}`, windowMs);
      const [epoch, previous, takeovers] = reply as [string, string | null, string | null];
      const [count, sinceMs] = takeovers?.split(' ') ?? [];
      return {
        epoch: Number(epoch),
        previous: previous ? readOwner(previous) : null,
        takeovers: takeovers ? { count: Number(count), sinceMs: Number(sinceMs) } : null,
      };
    },
    async reclaim(owned) {
      const byPartition = Map.groupBy(owned, ({ chargePointId }) => partitionOf(chargePointId));
      const lost = await Promise.all(
        Array.from(byPartition, ([tag, own]) =>
          inBatches(
            reclaim,
            [ownersKey(tag)],
            own.map(({ chargePointId, owner }) => [chargePointId, writeOwner(owner)]),
          ),
        ),
      );
      return lost.flat();
    },
    release: async (chargePointId, connectionId) =>
      (await release(...keysOf(partitionOf(chargePointId)), chargePointId, connectionId)) === 1,
    async owner(chargePointId) {
      const value = await client.hget(ownersKey(partitionOf(chargePointId)), chargePointId);
      if (!value) return null;
      const owner = readOwner(value);
      return (await leases.isAlive(owner.gatewayId)) ? owner : null;
    },
    renew: leases.renew,
    resign: leases.resign,
    gateways: leases.gateways,
    async reap() {
      const dead = await leases.dead();
      if (dead.length === 0) return [];
      const names = new Set(dead);
      const tags = Array.from({ length: PARTITIONS }, (_, partition) => partitionTag(partition));
      const released = await Promise.all(tags.map((tag) => reapPartition(tag, names)));
      await leases.forget(dead);
      return released.flat();
    },
    async close() {
      client.disconnect();
    },
  };
}

const ownersKey = (tag: string) => `voltgate:${tag}:owners`;
const keysOf = (tag: string) => [ownersKey(tag), `voltgate:${tag}:takeovers`] as const;

const writeOwner = ({ epoch, connectionId, gatewayId }: Owner) => `${epoch} ${connectionId} ${gatewayId}`;

function readOwner(value: string): Owner {
  const [epoch = '0', connectionId = ''] = value.split(' ', 2);
  return { epoch: Number(epoch), connectionId, gatewayId: value.slice(epoch.length + connectionId.length + 2) };
}
