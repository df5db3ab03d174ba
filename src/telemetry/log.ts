import { type DestinationStream, type Logger, pino } from 'pino';

/**
 * Fields of log lines, beside the message: every line about the same thing has the same key. `reason` and `diff` are
 * kept for operations.
 */
export type LogFields = {
  readonly group?: string;
  readonly targetGroup?: string;
  readonly loop?: string;
  readonly reconcileId?: string;
  readonly operation?: string;
  readonly subject?: string;
  readonly reason?: string;
  readonly diff?: unknown;
  readonly because?: string;
  readonly code?: string;
  readonly object?: string;
  readonly count?: number;
  readonly durationMs?: number;
  readonly err?: unknown;
  readonly requestId?: string;
  readonly problem?: string;
};

/** What the engine needs of a logger. Messages are constant, capital first, without a period; variables are fields. */
export type Log = {
  readonly debug: (fields: LogFields, message: string) => void;
  readonly info: (fields: LogFields, message: string) => void;
  readonly warn: (fields: LogFields, message: string) => void;
  readonly error: (fields: LogFields, message: string) => void;
  /** A logger whose lines all carry these fields. */
  readonly child: (fields: LogFields) => Log;
};

/** JSON lines on standard output, or on `destination`. */
export function createLog(level: 'info' | 'debug' | 'silent', destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
