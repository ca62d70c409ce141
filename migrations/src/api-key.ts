/** `node migrations/dist/api-key.js NAME [admin|operator|viewer]`: makes an API key and prints it; it is shown only now. */
import { run } from '@voltgate/shared/program.ts';
import { makeApiKey } from './make-api-key.ts';

await run('migrate', async ({ config }) => {
  const [name, role = 'admin'] = process.argv.slice(2);
  const made = await makeApiKey(config.databaseUrl, name ?? '', role);
  if ('key' in made) process.stdout.write(`${made.key}\n`);
  else process.stderr.write(`${made.fault}\nusage: api-key NAME [admin|operator|viewer]\n`);
  process.exit('key' in made ? 0 : 2);
});
