/** Says what happens: lines for a person, or one JSON object per line for a program. */
export type Report = {
  /** A step, for whoever waits. */
  progress(text: string): void;
  /** For programs only. */
  event(name: string, fields: Readonly<Record<string, unknown>>): void;
  /** For people only. */
  screen(text: string): void;
};

/** Writes to standard output, as JSON lines or as text with the seconds since the start. */
export function createReport(
  json: boolean,
  write: (text: string) => void = (text) => void process.stdout.write(text),
): Report {
  const startedAt = performance.now();
  const event = (name: string, fields: Readonly<Record<string, unknown>>) => {
    if (json) write(`${JSON.stringify({ event: name, ...fields })}\n`);
  };
  return {
    event,
    progress(text) {
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      if (json) event('progress', { text });
      else write(`${seconds.padStart(6)} s  ${text}\n`);
    },
    screen(text) {
      if (!json) write(`${text}\n`);
    },
  };
}
