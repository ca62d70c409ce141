import { PARTITIONS, partitionOf, partitionTag } from '../channels.ts';
import type { Orphaned, Owner, Registry } from '../ports.ts';
import type { Client } from './client.ts';
import { createLeases } from './leases.ts';
import { defineScript, type Script } from './script.ts';

/**
 * Owners stand in one hash per partition, field = charge point, value = `<epoch> <connectionId> <gatewayId>`, without any
 * expiry of their own: an entry counts only while its gateway's lease lives (leases.ts). Every step on one charge point is
 * one script on one key. The clock of the epochs is that of Redis, the same for all gateways.
 */
const CLAIM = `
local kept = redis.call('HGET', KEYS[1], ARGV[1])
local time = redis.call('TIME')
local epoch = time[1] * 1000 + math.floor(time[2] / 1000)
if kept then epoch = math.max(epoch, tonumber(string.match(kept, '^%d+')) + 1) end
epoch = string.format('%.0f', epoch)
redis.call('HSET', KEYS[1], ARGV[1], epoch .. ' ' .. ARGV[2])
return { epoch, kept }`;

const RELEASE = `
local kept = redis.call('HGET', KEYS[1], ARGV[1])
if not kept or string.match(kept, '^%d+ (%S+)') ~= ARGV[2] then return 0 end
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
  const claim = defineScript(client, 'voltgateClaim', 1, CLAIM);
  const release = defineScript(client, 'voltgateRelease', 1, RELEASE);
  const reclaim = defineScript(client, 'voltgateReclaim', 1, RECLAIM);
  const reap = defineScript(client, 'voltgateReap', 1, REAP);

  /** Runs a script that takes pairs, batch by batch; resolves to the charge points it returned. */
  async function inBatches(script: Script, key: string, entries: readonly Entry[]): Promise<string[]> {
    const returned: string[] = [];
    for (let from = 0; from < entries.length; from += BATCH)
      returned.push(...((await script(key, ...entries.slice(from, from + BATCH).flat())) as string[]));
    return returned;
  }

  async function reapPartition(key: string, dead: ReadonlySet<string>): Promise<Orphaned[]> {
    const owners = new Map<string, Owner>();
    const values = new Map<string, string>();
    let cursor = '0';
    do {
      const [next, fields] = await client.hscan(key, cursor, 'COUNT', SCAN_COUNT);
      for (let index = 0; index + 1 < fields.length; index += 2) {
        const [chargePointId = '', value = ''] = fields.slice(index, index + 2);
        const owner = readOwner(value);
        if (!dead.has(owner.gatewayId)) continue;
        owners.set(chargePointId, owner);
        values.set(chargePointId, value);
      }
      cursor = next;
    } while (cursor !== '0');
    const freed = await inBatches(reap, key, [...values]);
    return freed.flatMap((chargePointId) => {
      const owner = owners.get(chargePointId);
      return owner ? [{ chargePointId, owner }] : [];
    });
  }

  return {
    async claim(chargePointId, gatewayId, connectionId) {
      const reply = await claim(ownersKey(partitionOf(chargePointId)), chargePointId, `${connectionId} ${gatewayId}`);
      const [epoch, previous] = reply as [string, string | null];
      return { epoch: Number(epoch), previous: previous ? readOwner(previous) : null };
    },
    async reclaim(owned) {
      const byPartition = Map.groupBy(owned, ({ chargePointId }) => partitionOf(chargePointId));
      const lost = await Promise.all(
        Array.from(byPartition, ([tag, own]) =>
          inBatches(
            reclaim,
            ownersKey(tag),
            own.map(({ chargePointId, owner }) => [chargePointId, writeOwner(owner)]),
          ),
        ),
      );
      return lost.flat();
    },
    release: async (chargePointId, connectionId) =>
      (await release(ownersKey(partitionOf(chargePointId)), chargePointId, connectionId)) === 1,
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
      const keys = Array.from({ length: PARTITIONS }, (_, partition) => ownersKey(partitionTag(partition)));
      const released = await Promise.all(keys.map((key) => reapPartition(key, names)));
      await leases.forget(dead);
      return released.flat();
    },
    async close() {
      client.disconnect();
    },
  };
}

const ownersKey = (tag: string) => `voltgate:${tag}:owners`;

const writeOwner = ({ epoch, connectionId, gatewayId }: Owner) => `${epoch} ${connectionId} ${gatewayId}`;

function readOwner(value: string): Owner {
  const [epoch = '0', connectionId = ''] = value.split(' ', 2);
  return { epoch: Number(epoch), connectionId, gatewayId: value.slice(epoch.length + connectionId.length + 2) };
}
