/** A host to connect to where one listens on this one: the wildcards are no address. */
export function shownHost(host: string): string {
  return host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
}

/** The failure of a listen as a person wants to read it: it names the setting when the port is taken. */
export function portTaken(
  error: unknown,
  { setting, host, port }: { readonly setting: string; readonly host: string; readonly port: number },
): unknown {
  if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') return error;
  return new Error(`${setting}: port ${port} on ${host} is taken; set ${setting} to another one, or to 0 for any`, {
    cause: error,
  });
}
