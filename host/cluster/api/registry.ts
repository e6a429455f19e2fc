/**
 * Which kinds are served, under which paths: built-in ones from the start, custom ones as their definitions come and go.
 */
import type { Discovery, ServedResource } from "../client.ts";
import { groupVersionOf, resourceName } from "../model.ts";
import type { Kind } from "../kinds/kind.ts";

/** One resource, in all the versions it is served in. */
export interface ResourceEntry {
  /** `resourceName`: its place in storage. */
  readonly name: string;
  readonly group: string;
  readonly plural: string;
  /** The version objects are stored in. */
  readonly storage: Kind;
  /** By version, the preferred one first. */
  readonly versions: ReadonlyMap<string, Kind>;
  /** Only spoken: nothing of it is stored. */
  readonly spoken: boolean;
}

export class Registry implements Discovery {
  readonly #entries: Map<string, ResourceEntry>;
  /** Goes up with every change: discovery documents are kept until then. */
  generation = 0;

  constructor(entries: ReadonlyMap<string, ResourceEntry> = new Map()) { this.#entries = new Map(entries); }

  fork(): Registry {
    const copy = new Registry(this.#entries);
    copy.generation = this.generation;
    return copy;
  }

  /** All versions of one resource; the first is preferred, the one without `convert` is stored. One stored as another resource comes after that. */
  add(versions: readonly Kind[], { spoken = false }: { readonly spoken?: boolean } = {}): void {
    const first = versions[0]!;
    const shared = first.storedAs === undefined ? undefined : this.#entries.get(first.storedAs);
    const storage = shared?.storage ?? versions.find(({ convert }) => convert === undefined) ?? first;
    const key = resourceName({ group: first.group, resource: first.plural });
    this.#entries.set(key, { name: shared?.name ?? key, group: first.group, plural: first.plural, storage, versions: new Map(versions.map((kind) => [kind.version, kind])), spoken });
    this.generation++;
  }

  remove(name: string): void {
    if (this.#entries.delete(name)) this.generation++;
  }

  entry(group: string, plural: string): ResourceEntry | undefined { return this.#entries.get(group === "" ? plural : `${plural}.${group}`); }
  hasGroup(group: string): boolean {
    for (const entry of this.#entries.values()) if (entry.group === group) return true;
    return false;
  }
  named(name: string): ResourceEntry | undefined { return this.#entries.get(name); }
  entries(): Iterable<ResourceEntry> { return this.#entries.values(); }

  resources(): readonly ServedResource[] {
    return [...this.#entries.values()].filter(({ storage, spoken }) => !spoken && storage.verbs.includes("list")).map(({ versions, storage }) => served([...versions.values()][0] ?? storage));
  }

  resourceOf(apiVersion: string, kind: string): ServedResource | undefined {
    const [group, version] = groupVersionOf(apiVersion);
    for (const entry of this.#entries.values()) {
      if (entry.group !== group) continue;
      const found = entry.versions.get(version);
      if (found?.kind === kind) return served(found);
    }
    return undefined;
  }
}

function served({ group, version, plural, kind, namespaced }: Kind): ServedResource {
  return { group, version, resource: plural, kind, namespaced };
}
