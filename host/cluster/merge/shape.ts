/**
 * Types as server-side apply sees them, made once from a type table: what is one field, what is owned member by member or
 * item by item, and under which path elements.
 */
import type { Json, JsonObject } from "../model.ts";
import { BUILTIN_TYPES } from "../schema/facts.ts";
import type { Field, StructType, Type, TypeTable } from "../schema/types.ts";
import { keyElement, valueElement } from "./element.ts";
import { goQuote } from "./go-text.ts";
import { isObject, member } from "./json.ts";
import { RecentNodes } from "./recent-nodes.ts";
import { compareText } from "./text-order.ts";

/** "text", "flag" and "number" are checked when a client applies them; "plain" is any scalar. */
export type ScalarCheck = "text" | "flag" | "number" | "plain";

/**
 * `any` is JSON of no declared type: objects by member, lists and scalars whole. `whole` is any JSON as one field. `skip` is
 * `managedFields`, which nobody manages.
 */
export type ShapeKind = "scalar" | "atomicList" | "set" | "keyedList" | "atomicMap" | "map" | "any" | "whole" | "skip";

/** A declared member of a structure. */
export interface Member { readonly name: string; readonly element: string; readonly shape: Shape; readonly field: Field | undefined }

export class Shape {
  readonly kind: ShapeKind;
  readonly check: ScalarCheck;
  /** Of a structure: its declared members, by name. */
  members: ReadonlyMap<string, Member> | undefined;
  /** Of lists and maps what is in them; of a structure the shape of undeclared members, undefined where there may be none. */
  inner: Shape | undefined;
  /** Names of the keys of a keyed list, sorted. */
  readonly keys: readonly string[];
  readonly #declaredKeys: readonly string[];
  #keyDefaults: readonly (Json | undefined)[] | undefined;
  readonly #orders: Order[] = [];
  #nextOrder = 0;
  /** What was made of values of this shape lately; see `whole-set.ts`. */
  readonly recent = new RecentNodes();
  /** See `isFragile`; undefined as long as nobody asked. */
  fragile: boolean | undefined = undefined;
  /** `k:{"name":` where a text is the only key. */
  readonly #keyPrefix: string;

  constructor(kind: ShapeKind, more: { check?: ScalarCheck; inner?: Shape; keys?: readonly string[] } = {}) {
    this.kind = kind;
    this.check = more.check ?? "plain";
    this.members = undefined;
    this.inner = more.inner;
    this.#declaredKeys = more.keys ?? [];
    this.keys = [...this.#declaredKeys].sort(compareText);
    this.#keyPrefix = this.keys.length === 1 ? `k:{${JSON.stringify(this.keys[0])}:` : "";
  }

  /** What a missing key counts as. Not known before the types of the items are made. */
  get keyDefaults(): readonly (Json | undefined)[] {
    return this.#keyDefaults ??= this.keys.map((key) => keyDefault(this.inner?.members?.get(key)?.field));
  }

  /** Undefined where the schema has no such member. Undeclared ones of open structures and maps are made on the way. */
  memberNamed(name: string): Member | undefined {
    const declared = this.members?.get(name);
    if (declared !== undefined) return declared;
    return this.inner === undefined ? undefined : { name, element: `f:${name}`, shape: this.inner, field: undefined };
  }

  /** True where a member is known by the schema itself, rather than by what is in it. */
  declares(name: string): boolean {
    return this.members !== undefined && this.members.has(name);
  }

  /** The value's members in the order of their elements; throws `ShapeMismatch` for one that may not be. */
  inOrder(value: JsonObject): Order {
    // Objects of one kind mostly have the same members in the same order.
    for (const known of this.#orders) if (hasNames(value, known.names)) return known;
    const names = Object.keys(value).filter((name) => member(value, name) !== undefined);
    const order = new Order(names, names.map((name) => this.#known(name)));
    if (names.length <= 64) {
      this.#orders[this.#nextOrder] = order;
      this.#nextOrder = (this.#nextOrder + 1) % 4;
    }
    return order;
  }

  #known(name: string): Member {
    const found = this.memberNamed(name);
    if (found === undefined) throw new ShapeMismatch(`.${name}`, "field not declared in schema");
    return found;
  }

  /** The path element of an item of a set or a keyed list; throws `ShapeMismatch` where it has none. */
  elementOf(item: Json): string {
    if (this.kind === "set") return setElement(item);
    if (this.#keyPrefix !== "" && isObject(item)) {
      const key = item[this.keys[0]!];
      if (typeof key === "string" && PLAIN_TEXT.test(key)) return `${this.#keyPrefix}"${key}"}`;
    }
    return this.#keyedElement(item);
  }

  #keyedElement(item: Json): string {
    if (item === null) throw new ShapeMismatch("", "associative list with keys may not have a null element");
    if (!isObject(item)) throw new ShapeMismatch("", "associative list with keys may not have non-map elements");
    const found: [string, Json][] = [];
    for (let at = 0; at < this.keys.length; at++) {
      const key = this.keys[at]!;
      const own = member(item, key);
      const value = own === undefined ? this.keyDefaults[at] : own;
      if (value !== undefined) found.push([key, value]);
    }
    if (found.length === 0) {
      const keys = `[${this.#declaredKeys.map(goQuote).join(" ")}]`;
      throw new ShapeMismatch("", `associative list with keys has an element that omits all key fields ${keys} (and doesn't have default values for any key fields)`);
    }
    return keyElement(found);
  }
}

/** Members of a structure as some object has them, and in the order of their elements. */
export class Order {
  /** As the object has them. */
  readonly names: readonly string[];
  /** Sorted; without those that nobody manages. */
  readonly members: readonly Member[];
  readonly elements: readonly string[];

  constructor(names: readonly string[], members: readonly Member[]) {
    this.names = names;
    this.members = members.filter(({ shape }) => shape.kind !== "skip").sort((a, b) => compareText(a.name, b.name));
    this.elements = this.members.map(({ element }) => element);
  }
}

/** An object that is not of its type. `path` is that of the value, in the server's words. */
export class ShapeMismatch extends Error {
  readonly path: string;
  constructor(path: string, message: string) {
    super(message);
    this.path = path;
  }
}

/** Fields that Go always writes have their zero value as the default in the server's schema. */
function keyDefault(field: Field | undefined): Json | undefined {
  if (field === undefined || field.default !== undefined || field.omit !== "never" || !("scalar" in field.type)) return field?.default;
  switch (field.type.scalar) {
    case "string": return "";
    case "boolean": return false;
    case "int32": case "int64": case "double": return 0;
    default: return undefined;
  }
}

function setElement(item: Json): string {
  if (item === null) throw new ShapeMismatch("", "associative list without keys has an element that's an explicit null");
  if (Array.isArray(item)) throw new ShapeMismatch("", "not supported: associative list with lists as elements");
  if (isObject(item)) throw new ShapeMismatch("", "associative list without keys has an element that's a map type");
  return valueElement(item);
}

/** Texts that JSON spells as they are. */
const PLAIN_TEXT = /^[\w .:/-]*$/;

/** True when the object has these members, in this order, and no others. */
function hasNames(object: JsonObject, names: readonly string[]): boolean {
  let at = 0;
  for (const name in object) if (name !== names[at++] || object[name] === undefined) return false;
  return at === names.length;
}

const ANY = new Shape("any");
ANY.inner = ANY;
const WHOLE = new Shape("whole");
const TEXT = new Shape("scalar", { check: "text" });
const FLAG = new Shape("scalar", { check: "flag" });
const NUMBER = new Shape("scalar", { check: "number" });
const PLAIN = new Shape("scalar");

interface Made { readonly roots: Map<string, Shape>; readonly structs: Map<string, Shape> }
const madeOf = new WeakMap<TypeTable, Made>();

/** The shape of whole objects of the kind whose type is `type`. */
export function shapeOf(types: TypeTable, type: string): Shape {
  const made = madeFor(types);
  let root = made.roots.get(type);
  if (root === undefined) {
    root = new Shape("map");
    made.roots.set(type, root);
    fill(root, types, withObjectFields(structNamed(types, type)));
  }
  return root;
}

function madeFor(types: TypeTable): Made {
  let made = madeOf.get(types);
  if (made === undefined) madeOf.set(types, made = { roots: new Map(), structs: new Map() });
  return made;
}

function structNamed(types: TypeTable, name: string): StructType {
  const found = Object.hasOwn(types, name) ? types[name] : undefined;
  if (found === undefined) throw new Error(`the type table has no ${name}`);
  return found;
}

const OBJECT_FIELDS: { readonly [name: string]: Field } = {
  apiVersion: { type: { scalar: "string" } }, kind: { type: { scalar: "string" } }, metadata: { type: { struct: "ObjectMeta" } },
};

/**
 * True for a type whose objects need not fit it, though they were decoded by it: a keyed list's items may lack every key.
 * What the server can't take for an object of its type has no managers.
 */
export function isFragile(shape: Shape, seen = new Set<Shape>()): boolean {
  if (shape.fragile !== undefined) return shape.fragile;
  if (seen.has(shape)) return false;
  seen.add(shape);
  const lacksKeys = shape.kind === "keyedList" && shape.keyDefaults.every((value) => value === undefined);
  const within = [...shape.members?.values() ?? []].map((each) => each.shape);
  if (shape.inner !== undefined && shape.kind !== "any") within.push(shape.inner);
  const fragile = lacksKeys || within.some((each) => isFragile(each, seen));
  // Of a type that contains itself only the answer for the outermost is certain.
  if (seen.size === 1 || fragile) shape.fragile = fragile;
  return fragile;
}

/** Every object has these, whether its type lists them or not. */
function withObjectFields(struct: StructType): StructType {
  return { ...struct, fields: { ...OBJECT_FIELDS, ...struct.fields } };
}

function structShape(types: TypeTable, name: string): Shape {
  // A custom resource's table need not repeat what all objects have.
  if (name === "ObjectMeta" && !Object.hasOwn(types, name)) return structShape(BUILTIN_TYPES, name);
  const { structs } = madeFor(types);
  let shape = structs.get(name);
  if (shape !== undefined) return shape;
  const struct = structNamed(types, name);
  shape = new Shape(struct.atomic === true ? "atomicMap" : "map");
  // Before its members: a type may contain itself.
  structs.set(name, shape);
  fill(shape, types, struct.embedded === true ? withObjectFields(struct) : struct);
  return shape;
}

function fill(shape: Shape, types: TypeTable, struct: StructType): void {
  const members = new Map<string, Member>();
  for (const [name, field] of Object.entries(struct.fields)) {
    members.set(name, { name, element: `f:${name}`, shape: typeShape(types, field.type), field });
  }
  shape.members = members;
  if (struct.open === true) shape.inner = ANY;
}

function typeShape(types: TypeTable, type: Type): Shape {
  if ("struct" in type) return structShape(types, type.struct);
  if ("list" in type) return listShape(types, type);
  if ("map" in type) return new Shape(type.atomic === true ? "atomicMap" : "map", { inner: typeShape(types, type.map) });
  switch (type.scalar) {
    case "string": case "bytes": return TEXT;
    case "boolean": return FLAG;
    case "int32": case "int64": case "double": return NUMBER;
    case "quantity": case "time": case "microTime": return PLAIN;
    case "any": return type.go === "runtime.RawExtension" ? WHOLE : ANY;
    case "intOrString": return ANY;
  }
}

function listShape(types: TypeTable, type: Extract<Type, { list: Type }>): Shape {
  const inner = typeShape(types, type.list);
  if (type.listType === "map") return new Shape("keyedList", { inner, keys: type.keys! });
  const isManagers = "struct" in type.list && type.list.struct === "ManagedFieldsEntry";
  return new Shape(isManagers ? "skip" : type.listType === "set" ? "set" : "atomicList", { inner });
}
