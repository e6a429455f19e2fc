/**
 * The table that the codec works by (assembly/abi/state.ts says how it is read): an array of u16 and one string of names.
 *
 *     0..5      nothing: these numbers stand for scalars
 *     6..11     the protocol's lists and map (wire.ts)
 *     12        position of the kinds: [count, then per owned kind: prefix position, prefix units, type, 1 if namespaced]
 *     13, 14    types of the primary and of its status (0: none)
 *     15        TypeMeta: apiVersion and kind of any object
 *     nodes     object [6, fields, how many are required or the status, first entry], entries [name, name units, type, slot | flags, next entry]
 *               list [7, type]   map [8, type]
 *
 * A name is written `"spec":`; equal ones share their place.
 */
import type { Manifest, Scalar, TypeRef } from "../../protocol/manifest.ts";
import type { ClassLayout, FieldLayout } from "./layout.ts";
import { AT_KINDS, AT_PRIMARY, AT_STATUS, AT_TYPE_META, WIRE_REFS, WIRE_TYPES } from "./wire.ts";

export interface CodecTable {
  units: number[];
  names: string;
  /** Position of each class's node; what `encode` and `decode` call a reference. */
  refs: { [className: string]: number };
  /** Position of the list node of each root type. */
  listRefs: { [className: string]: number };
}

const SCALARS: { [scalar in Scalar]: number } = {
  string: 0, quantity: 0, time: 0, bytes: 0, integer: 1, number: 2, boolean: 3, intOrString: 4, json: 5,
};
const REQUIRED = 1;
const STATUS = 2;

export function tableOf(manifest: Manifest, layouts: ClassLayout[]): CodecTable {
  const table = new Table();
  const classes = [...wireLayouts(), ...layouts];
  // Room first, so that types may refer to each other in any order.
  table.units.push(0, 0, 0, 0, 0, 0, ...WIRE_REFS.flatMap(() => [0, 0]), 0, 0, 0, 0);
  for (const { name, fields } of classes) table.reserve(name, 4 + 5 * fields.length);
  WIRE_REFS.forEach((ref, i) => table.fill(6 + 2 * i, ref));
  for (const layout of classes) table.object(layout);
  table.units[AT_KINDS] = table.units.length;
  table.units.push(manifest.owns.length);
  for (const { apiVersion, kind, type, namespaced } of manifest.owns) {
    const [at, units] = table.name(`{"apiVersion":${JSON.stringify(apiVersion)},"kind":${JSON.stringify(kind)}`);
    table.units.push(at, units, table.refs[type]!, namespaced ? 1 : 0);
  }
  table.units[AT_PRIMARY] = table.refs[manifest.for.type]!;
  const status = layouts.find((layout) => layout.name === manifest.for.type)!.fields.find((field) => field.status);
  table.units[AT_STATUS] = status === undefined ? 0 : table.ref(status.type);
  table.units[AT_TYPE_META] = table.refs["TypeMeta"]!;
  const listRefs = Object.fromEntries(layouts.filter((layout) => layout.root !== undefined)
    .map(({ name }) => [name, table.ref({ list: { object: name }, listType: "atomic" })]));
  if (table.units.length > 0xffff || table.names.length > 0xffff) {
    throw new RangeError(`the types of ${manifest.name} are too many for one table: declare only the fields that are needed`);
  }
  return { units: table.units, names: table.names, refs: table.refs, listRefs };
}

export function wireLayouts(): ClassLayout[] {
  return Object.entries(WIRE_TYPES).map(([name, def]) => ({
    name,
    fields: Object.entries(def.fields).map(([field, { type, required }]) => ({
      name: field, identifier: field, type, required: required === true, status: false,
    })),
  }));
}

class Table {
  readonly units: number[] = [];
  names = "";
  readonly refs: { [className: string]: number } = {};
  readonly #composites = new Map<string, number>();
  readonly #names = new Map<string, number>();

  reserve(name: string, units: number): void {
    this.refs[name] = this.units.length;
    for (let i = 0; i < units; i++) this.units.push(0);
  }

  object({ name, fields }: ClassLayout): void {
    const start = this.refs[name]!;
    const wanted = fields.filter((field) => field.required || field.status).length;
    const entryAt = (index: number): number => (index < fields.length ? start + 4 + 5 * index : 0);
    this.units.splice(start, 4, 6, fields.length, wanted, entryAt(0));
    fields.forEach((field, i) => this.units.splice(entryAt(i), 5, ...this.#entry(field, i), entryAt(i + 1)));
  }

  #entry({ name, type, required, status }: FieldLayout, slot: number): number[] {
    const [at, units] = this.name(`${JSON.stringify(name)}:`);
    return [at, units, this.ref(type), 4 * slot + (status ? STATUS : required ? REQUIRED : 0)];
  }

  /** The number that stands for a type, with a node made for it where one is needed. */
  ref(type: TypeRef): number {
    if ("scalar" in type) return SCALARS[type.scalar];
    if ("object" in type) return this.refs[type.object]!;
    const key = JSON.stringify("list" in type ? { list: type.list } : { map: type.map });
    const known = this.#composites.get(key);
    if (known !== undefined) return known;
    const inner = this.ref("list" in type ? type.list : type.map);
    const at = this.units.length;
    this.units.push("list" in type ? 7 : 8, inner);
    this.#composites.set(key, at);
    return at;
  }

  /** Writes the node of a list or map at a fixed place. */
  fill(at: number, type: TypeRef): void {
    const isList = "list" in type;
    this.units.splice(at, 2, isList ? 7 : 8, this.ref(isList ? type.list : (type as { map: TypeRef }).map));
    this.#composites.set(JSON.stringify(isList ? { list: type.list } : { map: (type as { map: TypeRef }).map }), at);
  }

  name(text: string): [at: number, units: number] {
    let at = this.#names.get(text);
    if (at === undefined) {
      at = this.names.length;
      this.names += text;
      this.#names.set(text, at);
    }
    return [at, text.length];
  }
}
