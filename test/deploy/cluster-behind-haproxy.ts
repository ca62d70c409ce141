import type { TestContext } from 'node:test';
import { type OwnServices, startOwnServices } from '../chaos/own-services.ts';
import { undoAfter } from '../support/cleanup.ts';
import { type Cluster, startCluster } from '../support/cluster.ts';
import { type Haproxy, startHaproxy } from './haproxy.ts';
import { steadyPorts } from './steady-ports.ts';

/** Three gateways and their workers behind HAProxy, on stores of their own. */
export type Front = {
  readonly cluster: Cluster;
  readonly haproxy: Haproxy;
  readonly services: OwnServices;
};

/** Starts it; all of it is ended after the test. `env` adds settings. */
export async function openFront(
  t: TestContext,
  { workers = 1, env = {} }: { readonly workers?: number; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Front> {
  const services = await startOwnServices();
  if (typeof services === 'string') throw new Error(`no Redis: ${services}`);
  undoAfter(t, () => services.stop());
  const cluster = await startCluster({
    databaseUrl: services.postgres.url,
    redisUrl: services.redis.url,
    gateways: 3,
    workers,
    portsOf: await steadyPorts(['gateway-1', 'gateway-2', 'gateway-3']),
    env: {
      LOG_LEVEL: 'warn',
      TRUSTED_PROXIES: '127.0.0.1/32',
      // What gateways refuse by themselves is part of what is tested.
      UPGRADES_PER_SECOND: '500',
      MESSAGES_PER_SECOND: '100',
      ...env,
    },
  });
  undoAfter(t, () => cluster.stop());
  const haproxy = await startHaproxy(cluster.gateways);
  undoAfter(t, () => haproxy.stop());
  return { cluster, haproxy, services };
}
