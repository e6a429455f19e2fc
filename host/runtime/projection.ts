/**
 * Compiles the types of a manifest into projections: trees that say what to copy of an object (projector.ts does it).
 */
import type { TypeDef, TypeRef } from "../../bindings/protocol/manifest.ts";
import type { KeyTable } from "./json/keys.ts";
import type { Projection } from "./contracts.ts";

/** Always there, whatever was declared (docs/CONTRACT.md). */
export const METADATA_ALWAYS = ["name", "namespace", "uid", "generation", "creationTimestamp", "deletionTimestamp"];

/** What to copy of a value. `fields` undefined: the value as it is. */
export interface Shape {
  readonly kind: "verbatim" | "object" | "list" | "map" | "annotations" | "secretAnnotations" | "secretData";
  /** Of `object`: filled after construction, because types refer to each other in circles. */
  fields: ReadonlyMap<string, Shape> | undefined;
  /** Of `list` and `map`. */
  readonly inner: Shape | undefined;
  /** `fields` by their bytes; made at first use, for it needs a platform's codec. */
  table: KeyTable<Shape> | undefined;
}

/** What `compileProjection` returns behind the opaque `Projection`. */
export class CompiledProjection implements Projection {
  readonly id: string;
  readonly secret: boolean;
  readonly root: Shape;

  constructor(id: string, secret: boolean, root: Shape) {
    this.id = id;
    this.secret = secret;
    this.root = root;
  }
}

type Types = { readonly [typeName: string]: TypeDef };

const VERBATIM: Shape = { kind: "verbatim", fields: undefined, inner: undefined, table: undefined };
const compiled = new Map<string, CompiledProjection>();

/**
 * The projection to `types[rootType]`. Equal declarations give the same instance. Throws when a type is missing: a
 * manifest that the build made never lacks one.
 */
export function compileProjection(types: Types, rootType: string, options: { secret?: boolean } = {}): Projection {
  const secret = options.secret === true;
  const canonical = canonicalText(types, rootType, secret);
  const known = compiled.get(canonical);
  if (known !== undefined) return known;
  const id = `${secret ? "secret:" : ""}${rootType}#${fingerprint(canonical)}`;
  const projection = new CompiledProjection(id, secret, rootShape(types, rootType, secret));
  compiled.set(canonical, projection);
  return projection;
}

/** Every type within reach, sorted by name: two manifests that say the same say it in the same words. */
function canonicalText(types: Types, rootType: string, secret: boolean): string {
  const reached = new Set<string>();
  const visit = (name: string): void => {
    if (reached.has(name)) return;
    reached.add(name);
    for (const field of Object.values(typeNamed(types, name).fields)) for (const next of typesIn(field.type)) visit(next);
  };
  visit(rootType);
  const shapes = [...reached].sort().map((name) => {
    const fields = Object.entries(types[name]!.fields).map(([field, def]) => [field, typeText(def.type)]);
    return [name, fields.sort((a, b) => (a[0]! < b[0]! ? -1 : 1))];
  });
  return JSON.stringify([rootType, secret, shapes]);
}

function typeNamed(types: Types, name: string): TypeDef {
  const def = types[name];
  if (def === undefined) throw new Error(`the manifest refers to a type "${name}" that it does not define: build the core again`);
  return def;
}

function typesIn(type: TypeRef): string[] {
  if ("object" in type) return [type.object];
  if ("list" in type) return typesIn(type.list);
  if ("map" in type) return typesIn(type.map);
  return [];
}

/** What matters to a projection: scalars are all alike. */
function typeText(type: TypeRef): string {
  if ("object" in type) return `{${type.object}}`;
  if ("list" in type) return `[${typeText(type.list)}]`;
  if ("map" in type) return `<${typeText(type.map)}>`;
  return "*";
}

function rootShape(types: Types, rootType: string, secret: boolean): Shape {
  const root = new Map(objectShape(types, rootType, new Map()).fields);
  const metadata = new Map(root.get("metadata")?.fields);
  for (const field of METADATA_ALWAYS) metadata.set(field, VERBATIM);
  // apiVersion and kind are written from the kind that is watched.
  root.delete("apiVersion");
  root.delete("kind");
  // The host's own bookkeeping is none of a core's business.
  if (metadata.get("annotations") === VERBATIM) metadata.set("annotations", { ...VERBATIM, kind: "annotations" });
  if (secret) {
    // Whatever was declared: kubectl keeps a copy of all values in an annotation, and the data is hashed.
    if (metadata.has("annotations")) metadata.set("annotations", { ...VERBATIM, kind: "secretAnnotations" });
    root.delete("stringData");
    root.set("type", VERBATIM);
    root.set("data", { ...VERBATIM, kind: "secretData" });
  }
  root.set("metadata", { ...VERBATIM, kind: "object", fields: metadata });
  return { ...VERBATIM, kind: "object", fields: root };
}

function objectShape(types: Types, name: string, named: Map<string, Shape>): Shape {
  const known = named.get(name);
  if (known !== undefined) return known;
  const shape: Shape = { kind: "object", fields: undefined, inner: undefined, table: undefined };
  named.set(name, shape);
  const fields = Object.entries(typeNamed(types, name).fields);
  shape.fields = new Map(fields.map(([field, def]) => [field, shapeOf(types, def.type, named)]));
  return shape;
}

function shapeOf(types: Types, type: TypeRef, named: Map<string, Shape>): Shape {
  if ("object" in type) return objectShape(types, type.object, named);
  if ("scalar" in type) return VERBATIM;
  const inner = shapeOf(types, "list" in type ? type.list : type.map, named);
  if (inner === VERBATIM) return VERBATIM;
  return { kind: "list" in type ? "list" : "map", fields: undefined, inner, table: undefined };
}

/** 64 bits of FNV-1a over UTF-16 code units: only a readable name, equality is by instance. */
function fingerprint(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (let i = 0; i < text.length; i++) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(i))) * 0x100000001b3n);
  }
  return hash.toString(16).padStart(16, "0");
}
