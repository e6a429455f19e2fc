/**
 * The kinds that an operator may name: those of Kubernetes itself and those of the CRDs at hand; and what to say when
 * a name is none of them.
 */
import type { KindRef, TypeDef } from "../protocol/manifest.ts";
import { BUILTIN } from "./openapi/builtin.ts";
import { didYouMean, listOf, nearest } from "./suggest.ts";
import type { Cursor } from "./yaml.ts";

/** A kind with the root of its types. */
export interface KnownKind extends KindRef {
  type: string;
}

export class Catalogue {
  readonly kinds = new Map<string, KnownKind>();
  readonly types: { [name: string]: TypeDef };

  constructor() {
    this.types = { ...BUILTIN.types };
    for (const [key, { plural, namespaced, type }] of Object.entries(BUILTIN.kinds)) {
      const [apiVersion, kind] = key.split(" ") as [string, string];
      this.kinds.set(key, { apiVersion, kind, plural, namespaced, type });
    }
  }

  /** Adds a custom kind, after its types. */
  add(kind: KnownKind): void {
    this.kinds.set(keyOf(kind), kind);
  }

  /** Finds the kind that a text names; complains at the cursor and returns undefined when there is none. */
  find(at: Cursor): KnownKind | undefined {
    const text = at.json() as string;
    const parsed = parseKind(text);
    if (parsed === undefined) {
      at.error("YAML1101", `'${text}' does not name a kind: write 'group/version Kind'.`, this.#hintForMalformed(text));
      return undefined;
    }
    const known = this.kinds.get(keyOf(parsed));
    if (known === undefined) this.#unknown(at, parsed);
    return known;
  }

  #unknown(at: Cursor, { apiVersion, kind }: Named): void {
    const key = keyOf({ apiVersion, kind });
    if (BUILTIN.unwatchable.includes(key)) {
      return at.error("YAML1105", `${key} cannot be watched, so it can be neither owned nor read.`,
        "The API server takes it as a request, or makes it up when asked; there is nothing to observe.");
    }
    const elsewhere = [...this.kinds.values()].filter((k) => k.kind === kind).map(keyOf);
    if (elsewhere.length > 0) {
      return at.error("YAML1102", `There is no kind '${kind}' in ${apiVersion}.`, `Did you mean ${listOf(elsewhere.map((k) => `'${k}'`))}?`);
    }
    const here = [...this.kinds.values()].filter((k) => k.apiVersion === apiVersion);
    const alike = here.find((k) => k.plural === kind.toLowerCase())?.kind ?? nearest(kind, here.map((k) => k.kind));
    if (alike !== undefined) {
      return at.error("YAML1103", `There is no kind '${kind}' in ${apiVersion}.`, `Did you mean '${keyOf({ apiVersion, kind: alike })}'?`);
    }
    const guess = this.#anywhere(kind);
    const custom = "A custom kind of another operator needs its CustomResourceDefinition as a further document in crd.yaml.";
    at.error("YAML1103", `There is no kind '${key}'.`, guess === undefined ? custom : `Did you mean '${guess}'?`);
  }

  #hintForMalformed(text: string): string {
    const words = text.split(/[\s,/.]+/).filter((word) => word !== "");
    for (const word of words.reverse()) {
      const guess = this.#anywhere(word);
      if (guess !== undefined) return `Did you mean '${guess}'?`;
    }
    return "For example 'apps/v1 Deployment' or 'v1 Pod'.";
  }

  /** The key of the kind nearest to a word, in whatever group. */
  #anywhere(word: string): string | undefined {
    const all = [...this.kinds.values()];
    const name = all.find((k) => k.plural === word.toLowerCase())?.kind ?? nearest(word, all.map((k) => k.kind));
    const found = name === undefined ? undefined : all.find((k) => k.kind === name);
    return found && keyOf(found);
  }
}

interface Named { apiVersion: string; kind: string }

/** "apps/v1 Deployment". */
export function keyOf({ apiVersion, kind }: Named): string {
  return `${apiVersion} ${kind}`;
}

/** "" for the core group. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.lastIndexOf("/");
  return slash < 0 ? "" : apiVersion.slice(0, slash);
}

export function versionOf(apiVersion: string): string {
  return apiVersion.slice(apiVersion.lastIndexOf("/") + 1);
}

/** "apps/v1 Deployment" -> its parts; undefined when it is not of that form. */
export function parseKind(text: string): Named | undefined {
  const match = /^([a-z0-9][a-z0-9.-]*\/[a-z][a-z0-9-]*|v[0-9][a-z0-9]*) ([A-Za-z][A-Za-z0-9]*)$/.exec(text.trim().replace(/\s+/, " "));
  return match === null ? undefined : { apiVersion: match[1]!, kind: match[2]! };
}

/** "Did you mean 'v1beta2'?" for versions of a CRD. */
export function nearVersion(written: string, served: readonly string[]): string {
  return didYouMean(written, served) ?? `It serves ${listOf(served, "and")}.`;
}
