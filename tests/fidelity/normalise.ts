/**
 * Takes out of a transcript what two right servers may differ in: uids, times, resourceVersions, addresses, random names. Each is
 * replaced by a token that counts first appearances, so that "the same as before" and "another one" still compare.
 */
import type { Loose } from "../support/api-client.ts";
import type { Entry } from "./target.ts";

const UID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;
const ADDRESS = /\b10\.96\.\d+\.\d+\b/g;

export class Normaliser {
  readonly #tokens = new Map<string, string>();
  readonly #counts = new Map<string, number>();
  /** Names that a server made up, with what they become. */
  readonly #names: [string, string][] = [];

  /** `name` was made by the server: "web-x7k2p" compares as "web-<1>". */
  generated(name: string, prefix: string): void {
    this.#names.push([name, `${prefix}<${this.#names.length + 1}>`]);
  }

  entry(entry: Entry): Loose {
    return { status: entry.status, warnings: entry.warnings.map((each) => this.#text(each)), body: this.#value(entry.body, "", "") };
  }

  #value(value: Loose, key: string, parent: string): Loose {
    if (typeof value === "string") return this.#string(value, key, parent);
    if (Array.isArray(value)) {
      const items = value.map((item) => this.#value(item, key, parent));
      // Managers are sorted by the second of their last change, in which two runs may differ.
      const anyOrder = key === "managedFields" || (key === "causes" && value[0]?.reason === "FieldManagerConflict");
      return anyOrder ? items.sort((a, b) => (JSON.stringify(canonical(a)) < JSON.stringify(canonical(b)) ? -1 : 1)) : items;
    }
    if (typeof value === "object" && value !== null) {
      if (value.kind === "Status" && value.reason === "Invalid" && /^example\./.test(value.details?.group ?? "")) return this.#customInvalid(value);
      // An object's resourceVersion counts beside its uid; that of a list says how far the server is, which is its own business.
      const entries = Object.entries(value).map(([name, member]) => {
        // The real server now and then writes a claim that an update left as it was.
        if (name === "resourceVersion" && isClaim(value)) return [name, "N"];
        if (name === "resourceVersion" && typeof member === "string" && member !== "") return [name, value.uid === undefined ? "N" : this.#token("rv", `${value.uid}/${member}`)];
        // An inner field of Go's that shows as an annotation, in some answers and not in others.
        if (name.endsWith("deprecated.daemonset.template.generation")) return [name, undefined];
        if (name === "continue" && member !== "") return [name, "C"];
        // Sentences for people, which are each server's own.
        if (name === "description" && key === "columnDefinitions") return [name, "D"];
        if (name === "nodePort" || name === "healthCheckNodePort") return [name, this.#token("port", String(member))];
        return [this.#text(name), this.#value(member, name, key)];
      });
      return Object.fromEntries(entries);
    }
    return value;
  }

  /** The real server walks the members of a custom resource as a Go map: what is wrong comes in any order. */
  #customInvalid(status: Loose): Loose {
    const causes = (status.details.causes ?? []).map((cause: Loose) => this.#value(cause, "", "")).sort((a: Loose, b: Loose) => (JSON.stringify(canonical(a)) < JSON.stringify(canonical(b)) ? -1 : 1));
    return { ...status, message: this.#text(String(status.message).split(": ")[0]!), details: { ...status.details, causes } };
  }

  #string(value: string, key: string, parent: string): Loose {
    if (key === "token" && value.length > 100) return "TOKEN";
    // Machine text inside text: what kubectl noted of its last apply stays as it is.
    if (parent === "annotations") return value;
    if (key === "cells" && /^(\d+[smhdy]){1,2}$/.test(value)) return "AGE";
    return this.#text(value);
  }

  #text(value: string): string {
    let text = value.replace(UID, (uid) => this.#token("uid", uid)).replace(TIME, "T").replace(ADDRESS, (address) => this.#token("ip", address));
    text = text.replace(/(resource version:? )\d+( \(\d+\))?/gi, "$1N").replace(/(nodePorts?.*?)\b3[0-2]\d{3}\b/g, (_all, before: string) => `${before}P`);
    text = inAnyOrder(text.replace(/(resourceVersion: ")\d+/g, "$1N").replace(/(in record \()\d+/g, "$1N").replace(/(Invalid value: )"\{\\?".*\}"/g, "$1(the object)"));
    // Behind these words the real server prints how Go's inner types differ.
    text = text.replace(/(volumeAttributesClassName for bound claims|if it was previously negative\))[^]*/, "$1");
    // An empty map and none are the same once decoded.
    text = text.replace(/Invalid value: \{\}/g, "Invalid value: null");
    // Go's inner types, printed: whether a list was empty or absent in the body is lost in storage, and so on the way here.
    if (text.includes('"Spec":{"Volumes":')) text = text.replaceAll(":[]", ":null");
    for (const [name, token] of this.#names) text = text.replaceAll(name, token);
    return text;
  }

  #token(kind: string, value: string): string {
    const key = `${kind} ${value}`;
    let token = this.#tokens.get(key);
    if (token === undefined) {
      const count = (this.#counts.get(kind) ?? 0) + 1;
      this.#counts.set(kind, count);
      this.#tokens.set(key, (token = `${kind}#${count}`));
    }
    return token;
  }
}

/**
 * What the real server finds while it walks Go maps comes in another order each time: the places where a typed patch is wrong,
 * the managers that an apply conflicts with. An unknown field ends the walk, so what else is named is chance.
 */
function inAnyOrder(text: string): string {
  const unknown = /^failed to create typed patch object \(.*?\): (?=[^]*field not declared in schema)/.exec(text);
  if (unknown !== null) return `${unknown[0]}a field is not declared in schema`;
  const lines = text.split("\n");
  return lines.length < 2 ? text : [lines[0], ...lines.slice(1).sort()].join("\n");
}

/** By what the server puts into every claim: metadata alone doesn't tell its kind. */
function isClaim({ finalizers }: Loose): boolean {
  return Array.isArray(finalizers) && finalizers.includes("kubernetes.io/pvc-protection");
}

/** Sorted members, so that only content is compared. */
export function canonical(value: Loose): Loose {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, canonical(value[key])]));
}

/** Where two values differ: "spec.replicas: real 1, embedded 2". At most `max` places. */
export function differences(real: Loose, embedded: Loose, max = 12): string[] {
  const found: string[] = [];
  const walk = (a: Loose, b: Loose, path: string): void => {
    if (found.length >= max || JSON.stringify(a) === JSON.stringify(b)) return;
    if (typeof a === "object" && typeof b === "object" && a !== null && b !== null && Array.isArray(a) === Array.isArray(b)) {
      for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) walk(a[key], b[key], path === "" ? key : `${path}.${key}`);
      return;
    }
    found.push(`${path}:\n      real     ${shown(a)}\n      embedded ${shown(b)}`);
  };
  walk(canonical(real), canonical(embedded), "");
  return found;
}

function shown(value: Loose): string {
  const text = value === undefined ? "(absent)" : JSON.stringify(value);
  return text.length > 400 ? `${text.slice(0, 400)}...` : text;
}
