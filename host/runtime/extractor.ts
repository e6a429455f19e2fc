/**
 * Makes cached objects out of the server's bytes: metadata, the Apply entries of the managers asked for, and a text per
 * projection. One per process, because it holds the scratch memory and the table of common strings.
 */
import type { TextCodec } from "../platform/platform.ts";
import { CREATED_AS } from "./apply/created.ts";
import { keyOf, type ObjectKey, type Owner } from "./contracts.ts";
import { JsonCursor } from "./json/cursor.ts";
import { KeyTable, sameBytes } from "./json/keys.ts";
import { StoredObject, type LateText, type Metadata, type Recipe } from "./object.ts";
import { Projector } from "./projector.ts";
import type { SecretHasher } from "./secrets.ts";

/** An object that is JSON, but not what Kubernetes calls an object. Confined to itself. */
export class MalformedObjectError extends Error {
  constructor(problem: string) {
    super(problem);
    this.name = "MalformedObjectError";
  }
}

/** Common strings (namespaces, finalizers, kinds) are kept once; beyond this many the table starts over. */
const INTERNED_MAX = 4096;

const APPLY = Uint8Array.from('"Apply"', (c) => c.charCodeAt(0));
const NO_LABELS: Readonly<Record<string, string>> = Object.freeze({});
const NO_NAMES: readonly string[] = Object.freeze([]);
const NO_OWNERS: readonly Owner[] = Object.freeze([]);
const NOTHING_APPLIED: ReadonlyMap<string, string> = new Map();

type Reader = (metadata: Metadata, cursor: JsonCursor, recipe: Recipe) => void;

export class Extractor {
  readonly #text: TextCodec;
  readonly #projector: Projector;
  readonly #interned = new Map<string, string>();
  readonly #root: KeyTable<true>;
  readonly #metadata: KeyTable<Reader>;
  readonly #annotations: KeyTable<true>;
  readonly #managed: KeyTable<"manager" | "operation" | "fieldsV1" | "subresource">;

  constructor(text: TextCodec, secrets: SecretHasher) {
    this.#text = text;
    this.#projector = new Projector(text, secrets);
    this.#root = new KeyTable([["metadata", true]], text);
    this.#managed = new KeyTable(
      [["manager", "manager"], ["operation", "operation"], ["fieldsV1", "fieldsV1"], ["subresource", "subresource"]], text,
    );
    this.#annotations = new KeyTable([[CREATED_AS, true]], text);
    this.#metadata = new KeyTable(Object.entries(this.#readers()), text);
  }

  /**
   * Reads the object at the cursor and moves behind it. `before` finds the version cached so far, whose strings are
   * kept where they are equal. `fresh` objects hold on to `bytes`, for projections that nobody registered.
   * Throws JsonScanError (the text is broken from here on) or MalformedObjectError (only this object is).
   */
  extract(recipe: Recipe, cursor: JsonCursor, before: (key: ObjectKey) => StoredObject | undefined, fresh = false): StoredObject {
    const start = cursor.pos;
    const metadata = this.#readMetadata(recipe, cursor);
    const old = before(keyOf(metadata.namespace, metadata.name));
    const texts = recipe.projections.map((projection) => {
      cursor.pos = start;
      const text = this.#projector.project(projection, recipe.kind, cursor);
      const known = old?.texts[old.recipe.projections.indexOf(projection)];
      return known === text ? known : text;
    });
    if (texts.length === 0) {
      cursor.pos = start;
      cursor.skip();
    }
    return new StoredObject(recipe, metadata, texts, fresh ? this.#late(recipe, cursor.bytes, start) : undefined);
  }

  /** A Secret's bytes are not kept: what a projection hides must not be a reference away. */
  #late(recipe: Recipe, bytes: Uint8Array, start: number): LateText | undefined {
    if (recipe.kind.kind === "Secret") return undefined;
    return (projection) => this.#projector.project(projection, recipe.kind, new JsonCursor(bytes, start));
  }

  /** Of a bookmark: only how far it says the watch is. */
  resourceVersion(recipe: Recipe, cursor: JsonCursor): string {
    return this.#scan(recipe, cursor).resourceVersion;
  }

  #readMetadata(recipe: Recipe, cursor: JsonCursor): Metadata {
    const metadata = this.#scan(recipe, cursor);
    if (metadata.name === "") throw new MalformedObjectError("an object has no metadata.name");
    const who = keyOf(metadata.namespace, metadata.name);
    if (metadata.uid === "") throw new MalformedObjectError(`${who} has no metadata.uid`);
    if (!/^[0-9]+$/.test(metadata.resourceVersion)) throw new MalformedObjectError(`${who} has no decimal metadata.resourceVersion`);
    return metadata;
  }

  /** Reads up to the end of `metadata`; what comes behind it is for the projections to check. */
  #scan(recipe: Recipe, cursor: JsonCursor): Metadata {
    const metadata: Metadata = {
      name: "", namespace: undefined, uid: "", resourceVersion: "", generation: 0, deletionTimestamp: undefined,
      labels: NO_LABELS, finalizers: NO_NAMES, owners: NO_OWNERS, applied: NOTHING_APPLIED, createdAs: undefined,
    };
    cursor.enterObject();
    while (cursor.nextMember()) {
      if (this.#root.find(cursor) === undefined || !cursor.atObject()) {
        cursor.skip();
        continue;
      }
      let problem: string | undefined;
      cursor.enterObject();
      while (cursor.nextMember()) {
        const reader = this.#metadata.find(cursor);
        if (reader === undefined || cursor.atNull()) cursor.skip();
        else problem = this.#read(reader, metadata, cursor, recipe) ?? problem;
      }
      if (problem !== undefined) throw new MalformedObjectError(problem);
      break;
    }
    return metadata;
  }

  /** A member of the wrong type condemns its object, not the text: goes on behind it and says what was wrong. */
  #read(reader: Reader, metadata: Metadata, cursor: JsonCursor, recipe: Recipe): string | undefined {
    const { pos, keyStart, keyEnd } = cursor;
    try {
      reader(metadata, cursor, recipe);
      return undefined;
    } catch {
      cursor.pos = pos;
      cursor.skip();
      const key = this.#text.decodeUtf8(cursor.bytes, keyStart, keyEnd);
      return `metadata.${key} of ${metadata.name === "" ? "an object" : keyOf(metadata.namespace, metadata.name)} is of the wrong type`;
    }
  }

  #readers(): { [field: string]: Reader } {
    return {
      name: (metadata, cursor) => { metadata.name = cursor.string(this.#text); },
      namespace: (metadata, cursor) => { metadata.namespace = this.#intern(cursor.string(this.#text)) || undefined; },
      uid: (metadata, cursor) => { metadata.uid = cursor.string(this.#text); },
      resourceVersion: (metadata, cursor) => { metadata.resourceVersion = cursor.string(this.#text); },
      generation: (metadata, cursor) => { metadata.generation = Number(cursor.raw(this.#text)); },
      deletionTimestamp: (metadata, cursor) => { metadata.deletionTimestamp = cursor.string(this.#text); },
      labels: (metadata, cursor) => { metadata.labels = this.#labels(cursor); },
      finalizers: (metadata, cursor) => { metadata.finalizers = this.#strings(cursor); },
      ownerReferences: (metadata, cursor) => { metadata.owners = this.#owners(cursor); },
      annotations: (metadata, cursor, recipe) => {
        if (recipe.managers.length === 0) cursor.skip();
        else metadata.createdAs = this.#createdAs(cursor);
      },
      managedFields: (metadata, cursor, recipe) => {
        if (recipe.managers.length === 0) cursor.skip();
        else metadata.applied = this.#applied(cursor, recipe.managers);
      },
    };
  }

  #labels(cursor: JsonCursor): Readonly<Record<string, string>> {
    const labels: Record<string, string> = {};
    cursor.enterObject();
    while (cursor.nextMember()) {
      const key = this.#intern(cursor.key(this.#text));
      const value = cursor.string(this.#text);
      // Assigned, this one would become the prototype; Kubernetes refuses such a label, a proxy in between may not.
      if (key !== "__proto__") labels[key] = value;
    }
    return labels;
  }

  #createdAs(cursor: JsonCursor): string | undefined {
    let found: string | undefined;
    cursor.enterObject();
    while (cursor.nextMember()) {
      if (this.#annotations.find(cursor) === undefined) cursor.skip();
      else found = cursor.string(this.#text);
    }
    return found;
  }

  #strings(cursor: JsonCursor): string[] {
    const strings: string[] = [];
    cursor.enterList();
    while (cursor.nextItem()) strings.push(this.#intern(cursor.string(this.#text)));
    return strings;
  }

  #owners(cursor: JsonCursor): Owner[] {
    const references = cursor.parse(this.#text) as { uid: string; kind: string; name: string; controller?: boolean }[];
    return references.map(({ uid, kind, name, controller }) => ({ uid, kind: this.#intern(kind), name, controller: controller === true }));
  }

  #applied(cursor: JsonCursor, managers: readonly string[]): ReadonlyMap<string, string> {
    const start = cursor.pos;
    let applied: Map<string, string> | undefined;
    cursor.enterList();
    while (cursor.nextItem()) {
      const entry = this.#managedEntry(cursor);
      if (entry === undefined || !isOneOf(entry.manager, managers)) continue;
      applied ??= new Map();
      applied.set(entry.manager, this.#text.decodeUtf8(cursor.bytes, entry.start, entry.end));
    }
    // Half of an object's bytes may be this; no projection needs to read it again.
    cursor.knownStart = start;
    cursor.knownEnd = cursor.pos;
    return applied ?? NOTHING_APPLIED;
  }

  /** The manager of an Apply entry for the main resource, and where its fields are; undefined for any other entry. */
  #managedEntry(cursor: JsonCursor): { manager: string; start: number; end: number } | undefined {
    const found = { manager: "", start: -1, end: -1 };
    let wanted = true;
    cursor.enterObject();
    while (cursor.nextMember()) {
      const start = cursor.pos;
      switch (this.#managed.find(cursor)) {
        case "manager":
          found.manager = this.#intern(cursor.string(this.#text));
          break;
        case "operation":
          cursor.skip();
          wanted &&= cursor.pos - start === APPLY.length && sameBytes(APPLY, cursor.bytes, start);
          break;
        case "subresource":
          cursor.skip();
          wanted &&= cursor.pos - start === 2; // ""
          break;
        case "fieldsV1":
          cursor.skip();
          found.start = start;
          found.end = cursor.pos;
          break;
        default:
          cursor.skip();
      }
    }
    return wanted && found.start >= 0 ? found : undefined;
  }

  #intern(text: string): string {
    const known = this.#interned.get(text);
    if (known !== undefined) return known;
    if (this.#interned.size >= INTERNED_MAX) this.#interned.clear();
    this.#interned.set(text, text);
    return text;
  }
}

function isOneOf(manager: string, managers: readonly string[]): boolean {
  return managers.some((known) => manager === known || (manager.startsWith(known) && /^[-./:]/.test(manager.slice(known.length))));
}
