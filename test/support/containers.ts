import { outputOf } from './child.ts';

/** A server in a container: its URL and its end. */
export type Contained = { readonly url: string; stop(): Promise<void> };

/**
 * A Postgres in a container, for tests. Undefined when Docker cannot run the image (no daemon, no way to the registry):
 * the caller has another way.
 */
export async function postgresInContainer(progress: (text: string) => void): Promise<Contained | undefined> {
  if (!(await outputOf('docker', ['info', '--format', '{{.ServerVersion}}']))) return undefined;
  try {
    // Loaded late: it is large, and most runs do without.
    const { GenericContainer, Wait } = await import('testcontainers');
    const container = await new GenericContainer('postgres:18')
      .withEnvironment({ POSTGRES_PASSWORD: 'postgres' })
      .withCommand(['postgres', '-c', 'max_connections=300', '-c', 'full_page_writes=off', '-c', 'fsync=off'])
      .withExposedPorts(5432)
      // The image starts the server twice; the first one only sets the database up.
      .withWaitStrategy(Wait.forLogMessage('database system is ready to accept connections', 2))
      .withStartupTimeout(60_000)
      .start();
    return {
      url: `postgres://postgres:postgres@${container.getHost()}:${container.getMappedPort(5432)}/postgres`,
      stop: async () => {
        await container.stop();
      },
    };
  } catch (error) {
    progress(`Docker answers but cannot run postgres:18 (${error instanceof Error ? error.message : String(error)})`);
    return undefined;
  }
}
