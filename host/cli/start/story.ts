/**
 * What happens in the cluster, as lines in the terminal: one for each change that a person would call one.
 */
import type { JsonObject } from "../../../bindings/protocol/types.ts";
import type { Seen } from "./follow.ts";
import { summaryOf } from "./summary.ts";

export interface StoryOptions {
  /** Milliseconds since the story began. */
  elapsedMs(): number;
  print(line: string): void;
  /** Characters in a line of the terminal. */
  columns: number;
  color: boolean;
}

const NAME_WIDTH = 34;

export class Story {
  readonly #options: StoryOptions;
  /** By "Kind/name": what was said of it last. */
  readonly #said = new Map<string, string>();

  constructor(options: StoryOptions) {
    this.#options = options;
  }

  see({ gone, old, object }: Seen): void {
    const { kind, metadata } = object as { kind: string; metadata: JsonObject };
    const name = `${kind}/${String(metadata["name"])}`;
    const said = this.#said.get(name);
    const words = gone ? "gone" : summaryOf(object);
    if (said === words || (gone && said === undefined)) return;
    if (gone) this.#said.delete(name);
    else this.#said.set(name, words);
    if (!old) this.say(name, words);
  }

  /** "  1.24 s  Deployment/web      2 of 2 ready". */
  say(name: string, words: string): void {
    const { elapsedMs, print, columns, color } = this.#options;
    const time = `${(elapsedMs() / 1000).toFixed(2)} s`.padStart(9);
    const line = `${time}  ${shortened(name, NAME_WIDTH).padEnd(NAME_WIDTH)}  ${words}`;
    const cut = shortened(line, columns);
    print(color ? `\u001b[2m${cut.slice(0, 9)}\u001b[22m${cut.slice(9)}` : cut);
  }
}

function shortened(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
