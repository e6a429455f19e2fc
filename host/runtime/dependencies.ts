/**
 * Guarantee 3: whatever a pass read re-queues its primary when it changes. Nobody writes watch-mapping code.
 */
import { type Change, keyOf, type ObjectKey } from "./contracts.ts";
import type { DeclaredKind } from "./declarations.ts";
import { type LabelMatch, parseSelector } from "../values/selector.ts";

/** What one pass read, beside the primary and what it owns. */
export interface Reads {
  /** Objects asked for by name, there or not; strays too. */
  readonly objects: { readonly kind: DeclaredKind; readonly key: ObjectKey }[];
  readonly lists: { readonly kind: DeclaredKind; readonly namespace: string | undefined; readonly selector: string }[];
}

interface ListQuery { readonly namespace: string | undefined; readonly match: LabelMatch; readonly readers: Set<ObjectKey> }

export class Dependencies {
  /** kind id -> object -> readers. */
  readonly #objects = new Map<string, Map<ObjectKey, Set<ObjectKey>>>();
  /** kind id -> query -> readers. */
  readonly #lists = new Map<string, Map<string, ListQuery>>();
  readonly #byReader = new Map<ObjectKey, Reads>();

  /** `reader` depends on exactly these from now on. */
  replace(reader: ObjectKey, reads: Reads): void {
    const before = this.#byReader.get(reader);
    if (before === undefined && reads.objects.length === 0 && reads.lists.length === 0) return;
    if (before !== undefined) this.#remove(reader, before);
    if (reads.objects.length === 0 && reads.lists.length === 0) {
      this.#byReader.delete(reader);
      return;
    }
    this.#byReader.set(reader, reads);
    for (const { kind, key } of reads.objects) setIn(mapIn(this.#objects, kind.id), key).add(reader);
    for (const list of reads.lists) {
      const queries = mapIn(this.#lists, list.kind.id);
      const id = `${list.namespace ?? ""}?${list.selector}`;
      let query = queries.get(id);
      if (query === undefined) {
        query = { namespace: list.namespace, match: parseSelector(list.selector) ?? (() => true), readers: new Set() };
        queries.set(id, query);
      }
      query.readers.add(reader);
    }
  }

  forget(reader: ObjectKey): void {
    const reads = this.#byReader.get(reader);
    if (reads !== undefined) this.#remove(reader, reads);
    this.#byReader.delete(reader);
  }

  /** Calls `affected` for each reader of what changed; the same one perhaps more than once. */
  changed(kind: DeclaredKind, change: Change, affected: (reader: ObjectKey) => void): void {
    const objects = this.#objects.get(kind.id);
    const lists = this.#lists.get(kind.id);
    if ((objects === undefined || objects.size === 0) && (lists === undefined || lists.size === 0)) return;
    const { before, after } = change;
    const ref = (after ?? before)!.ref;
    const sameBytes = before !== undefined && after !== undefined && before.text(kind.projection) === after.text(kind.projection);
    const readers = objects?.get(keyOf(ref.namespace, ref.name));
    if (readers !== undefined && !sameBytes) for (const reader of readers) affected(reader);
    if (lists === undefined) return;
    for (const { namespace, match, readers: listReaders } of lists.values()) {
      if (namespace !== undefined && namespace !== ref.namespace) continue;
      const was = before !== undefined && match(before.labels);
      const is = after !== undefined && match(after.labels);
      if (was !== is || (is && !sameBytes)) for (const reader of listReaders) affected(reader);
    }
  }

  #remove(reader: ObjectKey, reads: Reads): void {
    for (const { kind, key } of reads.objects) {
      const readers = this.#objects.get(kind.id)?.get(key);
      readers?.delete(reader);
      if (readers?.size === 0) this.#objects.get(kind.id)?.delete(key);
    }
    for (const list of reads.lists) {
      const id = `${list.namespace ?? ""}?${list.selector}`;
      const query = this.#lists.get(list.kind.id)?.get(id);
      query?.readers.delete(reader);
      if (query?.readers.size === 0) this.#lists.get(list.kind.id)?.delete(id);
    }
  }
}

function mapIn<K, V>(maps: Map<string, Map<K, V>>, id: string): Map<K, V> {
  let map = maps.get(id);
  if (map === undefined) {
    map = new Map();
    maps.set(id, map);
  }
  return map;
}
function setIn(sets: Map<ObjectKey, Set<ObjectKey>>, key: ObjectKey): Set<ObjectKey> {
  let set = sets.get(key);
  if (set === undefined) {
    set = new Set();
    sets.set(key, set);
  }
  return set;
}
