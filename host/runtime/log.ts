/**
 * Structured logs: one line says why. `lineLog` formats; where the lines go is the platform's business.
 */
import type { Clock } from "../platform/platform.ts";
import { rfc3339Ms } from "../values/time.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";
export type LogFields = { readonly [name: string]: string | number | boolean | undefined };

export interface Log {
  write(level: LogLevel, message: string, fields?: LogFields): void;
}

export const SILENT: Log = { write: () => undefined };

const ORDER: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** `json`: one JSON object a line. `text`: key=value for people. Lines below `level` are dropped. */
export function lineLog(
  emit: (line: string) => void, clock: Clock, options: { format: "json" | "text"; level?: LogLevel },
): Log {
  const least = ORDER.indexOf(options.level ?? "info");
  const format = options.format === "json" ? jsonLine : textLine;
  return {
    write: (level, message, fields = {}) => {
      if (ORDER.indexOf(level) >= least) emit(format(rfc3339Ms(clock.nowMs()), level, message, fields));
    },
  };
}

function jsonLine(time: string, level: LogLevel, message: string, fields: LogFields): string {
  return JSON.stringify({ time, level, message, ...fields });
}

function textLine(time: string, level: LogLevel, message: string, fields: LogFields): string {
  let line = `${time} ${level.padEnd(5)} ${message}`;
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) line += ` ${name}=${plain(value)}`;
  return line;
}

/** Quoted where a reader would otherwise not see where the value ends. */
function plain(value: string | number | boolean): string {
  const text = String(value);
  return /^[\w./:@-]+$/.test(text) ? text : JSON.stringify(text);
}
