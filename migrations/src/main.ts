import { run } from '@voltgate/shared/program.ts';
import { migrate } from './migrate.ts';

await run('migrate', async ({ config, log }) => {
  await migrate(config.databaseUrl);
  log.info({}, 'database is up to date');
  process.exit(0);
});
