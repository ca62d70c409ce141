import { type Logger, pino, stdTimeFunctions } from 'pino';

export type Log = Logger;

/**
 * A logger of JSON lines on standard output. Message: constant, lower case; data in fields. Fields that could hold a
 * secret are removed whoever logs them.
 */
export function createLog(level: string, fields: Readonly<Record<string, unknown>>): Log {
  return pino({
    level,
    base: fields,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: {
      paths: ['credential', 'password', 'authorization', '*.credential', '*.password', '*.authorization'],
      remove: true,
    },
  });
}
