/**
 * From the manifest's types to classes: which there are, in which order their fields stand, and which may be null.
 *
 * Three things differ from the schema, all for the sake of authors:
 * - The metadata of an object has a name; that of a template (in a Deployment, say) need not. One schema type, two
 *   classes: ObjectMeta and TemplateMeta.
 * - The `spec` of a built-in kind is never null: the API server always sends it.
 * - The `status` of an object is never null: an empty one stands for none. It is not applied with the object.
 */
import type { FieldDef, Manifest, TypeDef, TypeRef } from "../../protocol/manifest.ts";

export interface ClassLayout {
  name: string;
  fields: FieldLayout[];
  /** Of root types: the values of the first two fields. */
  root?: { apiVersion: string; kind: string };
}
export interface FieldLayout {
  /** In JSON. */
  name: string;
  /** In the class. */
  identifier: string;
  type: TypeRef;
  required: boolean;
  /** The status of a root type. */
  status: boolean;
}

const META = "ObjectMeta";
const TEMPLATE_META = "TemplateMeta";
/** First in ObjectMeta, in this order: the SDK reads them in any object (assembly/sdk/objects.ts). */
const META_FIRST = ["name", "namespace", "uid", "generation", "creationTimestamp", "deletionTimestamp"];
const ROOT_FIRST = ["apiVersion", "kind", "metadata", "spec", "status"];

export function layoutsOf(manifest: Manifest): ClassLayout[] {
  const roots = new Map<string, { apiVersion: string; kind: string }>();
  for (const { type, apiVersion, kind } of [manifest.for, ...manifest.owns, ...manifest.reads]) roots.set(type, { apiVersion, kind });
  const statuses = new Set<string>();
  const out: ClassLayout[] = [];
  for (const [name, root] of [...roots].sort(byName)) {
    out.push(rootLayout(name, root, manifest, statuses));
  }
  out.push(metaLayout(META, manifest.types[META], true));
  let usesTemplate = false;
  for (const [name, def] of Object.entries(manifest.types).sort(byName)) {
    if (roots.has(name) || name === META) continue;
    const layout = { name, fields: fieldsOf(def, Object.keys(def.fields), statuses.has(name)) };
    usesTemplate ||= layout.fields.some((field) => mentions(field.type, TEMPLATE_META));
    out.push(layout);
  }
  if (usesTemplate) out.push(metaLayout(TEMPLATE_META, manifest.types[META], false));
  return out;
}

function rootLayout(name: string, root: { apiVersion: string; kind: string }, manifest: Manifest, statuses: Set<string>): ClassLayout {
  const { fields } = manifest.types[name]!;
  const rest = Object.keys(fields).filter((field) => !ROOT_FIRST.includes(field));
  const meta: FieldDef = { type: { object: META }, required: true };
  const known: { [field: string]: FieldDef } = { ...fields, apiVersion: STRING, kind: STRING, metadata: meta };
  const out: FieldLayout[] = [];
  for (const field of [...ROOT_FIRST, ...rest]) {
    const def = known[field];
    if (def === undefined) continue;
    const builtInSpec = field === "spec" && name !== manifest.for.type;
    const status = field === "status" && "object" in def.type;
    if (status) statuses.add((def.type as { object: string }).object);
    const type = field === "metadata" ? def.type : templated(def.type);
    out.push({ name: field, identifier: identifierOf(field), type, required: def.required === true || builtInSpec, status });
  }
  return { name, fields: out, root };
}
const STRING: FieldDef = { type: { scalar: "string" }, required: true };

function metaLayout(name: string, def: TypeDef | undefined, named: boolean): ClassLayout {
  const declared = def?.fields ?? {};
  const known: { [field: string]: FieldDef } = {
    ...Object.fromEntries(META_FIRST.map((field) => [field, { type: { scalar: field === "generation" ? "integer" : "string" } }])),
    ...declared,
  };
  const order = [...META_FIRST, ...Object.keys(declared).filter((field) => !META_FIRST.includes(field))];
  const fields = order.map((field) => ({
    name: field, identifier: identifierOf(field), type: known[field]!.type, required: named && field === "name", status: false,
  }));
  return { name, fields };
}

/** `lenient`: a status type, of which an empty one must be possible. */
function fieldsOf(def: TypeDef, order: string[], lenient: boolean): FieldLayout[] {
  return order.map((name) => ({
    name, identifier: identifierOf(name), type: templated(def.fields[name]!.type),
    required: !lenient && def.fields[name]!.required === true, status: false,
  }));
}

/** Metadata anywhere but at the top of an object is that of a template. */
function templated(type: TypeRef): TypeRef {
  if ("object" in type) return type.object === META ? { object: TEMPLATE_META } : type;
  if ("list" in type) return { ...type, list: templated(type.list) };
  if ("map" in type) return { ...type, map: templated(type.map) };
  return type;
}

function mentions(type: TypeRef, name: string): boolean {
  if ("object" in type) return type.object === name;
  if ("list" in type) return mentions(type.list, name);
  return "map" in type && mentions(type.map, name);
}

/** Words that AssemblyScript does not take as the name of a field. */
const KEYWORDS = new Set(["constructor"]);

/** "x-kubernetes-foo" -> "x_kubernetes_foo". */
export function identifierOf(field: string): string {
  const plain = field.replace(/[^A-Za-z0-9_$]/g, "_");
  return /^[0-9]/.test(plain) || KEYWORDS.has(plain) ? `_${plain}` : plain;
}

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
