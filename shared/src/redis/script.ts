import type { Client } from './client.ts';

/** Runs the script on its keys, then its arguments. */
export type Script = (...keysAndArguments: readonly (string | number)[]) => Promise<unknown>;

/** A Lua script under a name of its own; it is sent in full only to a server that does not know it yet. */
export function defineScript(client: Client, name: string, numberOfKeys: number, lua: string): Script {
  client.defineCommand(name, { numberOfKeys, lua });
  const command: Script = Reflect.get(client, name);
  return command.bind(client);
}
