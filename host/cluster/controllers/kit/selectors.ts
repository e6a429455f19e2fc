/** Label selectors of objects: what matches them, and - the other way round - whose selector matches some labels. */
import { keyOf, type LabelSelector, type Labels, type Typed } from "../../typed/resource.ts";
import type { Index, Store } from "./store.ts";

export type LabelMatch = (labels: Labels | undefined) => boolean;

const NO_LABELS: Labels = {};
const compiled = new WeakMap<LabelSelector, LabelMatch>();

/** An empty selector matches everything, an absent one nothing. */
export function matcherOf(selector: LabelSelector | undefined): LabelMatch {
  if (selector === undefined) return () => false;
  let match = compiled.get(selector);
  if (match === undefined) compiled.set(selector, match = compile(selector));
  return match;
}

function compile({ matchLabels = {}, matchExpressions = [] }: LabelSelector): LabelMatch {
  const equal = Object.entries(matchLabels);
  return (labels = NO_LABELS) => {
    for (const [key, value] of equal) if (!Object.hasOwn(labels, key) || labels[key] !== value) return false;
    return matchExpressions.every(({ key, operator, values = [] }) => {
      const has = Object.hasOwn(labels, key);
      switch (operator) {
        case "In": return has && values.includes(labels[key]!);
        case "NotIn": return !has || !values.includes(labels[key]!);
        case "Exists": return has;
        case "DoesNotExist": return !has;
        default: return false;
      }
    });
  };
}

export function isEmptySelector({ matchLabels, matchExpressions }: LabelSelector): boolean {
  return Object.keys(matchLabels ?? {}).length === 0 && (matchExpressions ?? []).length === 0;
}

/** Text form, keys sorted: "a=b,c in (d,e)". */
export function selectorText({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string {
  const parts: [key: string, text: string][] = Object.entries(matchLabels).map(([key, value]) => [key, `${key}=${value}`]);
  for (const { key, operator, values = [] } of matchExpressions) {
    const list = `(${[...values].sort().join(",")})`;
    parts.push([key, operator === "Exists" ? key : operator === "DoesNotExist" ? `!${key}` : `${key} ${operator === "In" ? "in" : "notin"} ${list}`]);
  }
  return parts.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, text]) => text).join(",");
}

/** Objects by their labels, within namespaces. */
export class LabelIndex<T extends Typed> {
  readonly #index: Index<T>;

  constructor(store: Store<T>) {
    this.#index = store.index(({ metadata: { namespace = "", labels } }) => {
      const keys = [`${namespace}/`];
      for (const label in labels) keys.push(`${namespace}/${label}=${labels[label]}`);
      return keys;
    });
  }

  /** Looks only at what has the rarest of the labels that the selector demands. */
  select(namespace: string, selector: LabelSelector | undefined): T[] {
    if (selector === undefined) return [];
    let best = `${namespace}/`;
    let count = this.#index.count(best);
    for (const label in selector.matchLabels) {
      const key = `${namespace}/${label}=${selector.matchLabels[label]}`;
      const having = this.#index.count(key);
      if (having < count || best.endsWith("/")) [best, count] = [key, having];
      if (count === 0) return [];
    }
    const match = matcherOf(selector);
    return this.#index.get(best).filter(({ metadata: { labels } }) => match(labels));
  }
}

/** Objects that select others, found by what they select. */
export class SelectorIndex<T extends Typed> {
  readonly #index: Index<T>;
  readonly #selectorOf: (object: T) => LabelSelector | undefined;

  constructor(store: Store<T>, selectorOf: (object: T) => LabelSelector | undefined) {
    this.#selectorOf = selectorOf;
    this.#index = store.index((object) => {
      const selector = selectorOf(object);
      if (selector === undefined) return [];
      const namespace = object.metadata.namespace ?? "";
      // One label that it demands is enough to find it by; one without any is tried on everything in its namespace.
      for (const label in selector.matchLabels) return [`${namespace}/${label}=${selector.matchLabels[label]}`];
      return [`${namespace}/`];
    });
  }

  /** Sorted by name. */
  matching(namespace: string, labels: Labels | undefined): T[] {
    const candidates = this.#index.get(`${namespace}/`);
    for (const label in labels) {
      const key = `${namespace}/${label}=${labels[label]}`;
      if (this.#index.count(key) > 0) candidates.push(...this.#index.get(key));
    }
    const found = candidates.filter((object) => matcherOf(this.#selectorOf(object))(labels));
    return found.length < 2 ? found : found.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  }
}
