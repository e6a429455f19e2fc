/** The last lines that a container wrote. */
import { rfc3339Micro } from "../../values/time.ts";

const LINES_MAX = 2000;

export interface LogOptions { readonly tailLines?: number; readonly sinceMs?: number; readonly timestamps?: boolean; readonly limitBytes?: number }
interface Line { readonly atMs: number; readonly text: string }

export class Log {
  #lines: Line[] = [];
  readonly #followers = new Set<(line: string) => void>();

  add(atMs: number, text: string): void {
    for (const each of text.split("\n")) {
      this.#lines.push({ atMs, text: each });
      for (const follower of this.#followers) follower(each);
    }
    if (this.#lines.length > 2 * LINES_MAX) this.#lines = this.#lines.slice(-LINES_MAX);
  }

  /** Each line ends with a line break. */
  text({ tailLines, sinceMs = -Infinity, timestamps = false, limitBytes }: LogOptions = {}): string {
    const lines = this.#lines.filter(({ atMs }) => atMs >= sinceMs);
    const last = tailLines === undefined ? lines.slice(-LINES_MAX) : tailLines === 0 ? [] : lines.slice(-tailLines);
    const text = last.map(({ atMs, text: each }) => `${timestamps ? `${rfc3339Micro(atMs).replace("Z", "000Z")} ` : ""}${each}\n`).join("");
    return limitBytes === undefined ? text : text.slice(0, limitBytes);
  }

  follow(onLine: (line: string) => void): () => void {
    this.#followers.add(onLine);
    return () => void this.#followers.delete(onLine);
  }

  /** What was written so far, as a log of its own; this one is empty then. */
  take(): Log {
    const taken = new Log();
    taken.#lines = this.#lines;
    this.#lines = [];
    return taken;
  }
}
