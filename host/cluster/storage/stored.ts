/**
 * One version of an object, held as a JavaScript value, as text, or as both. A value takes several times the room of its
 * text, so only the objects used lately are kept as values: the rest is text, read again when somebody looks.
 */
import { parseJson, stringifyJson } from "../json.ts";
import type { ClusterObject } from "../model.ts";
import type { Stored } from "./storage.ts";

/** Shared by a storage and all its forks: how many values there may be at a time. */
export class Warmth {
  readonly #values: (Version | undefined)[];
  #next = 0;

  constructor(valuesMax: number) { this.#values = new Array<Version | undefined>(valuesMax).fill(undefined); }

  /** `version` has a value now; the one that got its value longest ago loses it. */
  warmed(version: Version): void {
    this.#values[this.#next]?.cool();
    this.#values[this.#next] = version;
    this.#next = this.#next + 1 === this.#values.length ? 0 : this.#next + 1;
  }
}

export class Version implements Stored {
  readonly key: string;
  readonly resourceVersion: number;
  readonly #warmth: Warmth;
  #object: ClusterObject | undefined;
  #text: string | undefined;

  constructor(key: string, resourceVersion: number, content: { object: ClusterObject } | { text: string }, warmth: Warmth) {
    this.key = key;
    this.resourceVersion = resourceVersion;
    this.#warmth = warmth;
    this.#object = "object" in content ? content.object : undefined;
    this.#text = "text" in content ? content.text : undefined;
    if (this.#object !== undefined) warmth.warmed(this);
  }

  get object(): ClusterObject {
    if (this.#object !== undefined) return this.#object;
    const object = this.#object = parseJson(this.#text!) as ClusterObject;
    this.#warmth.warmed(this);
    return object;
  }

  get text(): string { return this.#text ??= stringifyJson(this.#object!); }

  cool(): void {
    void this.text;
    this.#object = undefined;
  }
}
