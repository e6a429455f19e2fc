/**
 * Types prepared for decoding: fields by name, scalars by number, Go's names worked out. Made at most once per type.
 */
import { BUILTIN_TYPES } from "./facts.ts";
import type { Field, ScalarType, Type, TypeTable } from "./types.ts";

/** What a value is to be. */
export const Code = {
  string: 0, boolean: 1, int32: 2, int64: 3, double: 4, quantity: 5, intOrString: 6, time: 7, microTime: 8, bytes: 9,
  /** Any JSON, kept as it is. */
  any: 10,
  /** A JSON schema or something shorter (`true`, a list): v1.JSONSchemaPropsOrBool and its like. */
  schemaOrBool: 11, schemaOrArray: 12, schemaOrStrings: 13,
  struct: 14, list: 15, map: 16,
} as const;

const SCHEMA_ALTERNATIVES: { [go: string]: number } = {
  "v1.JSONSchemaPropsOrBool": Code.schemaOrBool, "v1.JSONSchemaPropsOrArray": Code.schemaOrArray, "v1.JSONSchemaPropsOrStringArray": Code.schemaOrStrings,
};
const GO_SCALARS: { [scalar in ScalarType]: string } = {
  string: "string", boolean: "bool", int32: "int32", int64: "int64", double: "float64", quantity: "resource.Quantity",
  intOrString: "intstr.IntOrString", time: "v1.Time", microTime: "v1.MicroTime", bytes: "[]uint8", any: "interface {}",
};

/** What Go embeds for apiVersion and kind. */
const TYPE_META = ["TypeMeta"];

export interface Node {
  readonly code: number;
  /** Go's name of the type, "[]v1.Container". */
  readonly go: string;
  /** Of a list or map: what it holds. */
  readonly item: Node | undefined;
  /** Of a struct (and of what may be a JSON schema): its fields. Types may contain themselves, so it is found when asked for. */
  program(): Program;
}

export interface Step {
  readonly name: string;
  /** Position in the server's order. */
  readonly index: number;
  /** Go's embedded structs that hold it ("ProbeHandler"): part of its path in type errors. */
  readonly embedded: readonly string[];
  readonly node: Node;
  /** Zero values are left out, as Go's omitempty does. */
  readonly omitEmpty: boolean;
  /** A Go pointer: zero values are values. */
  readonly pointer: boolean;
  /** Its number in the protobuf message, behind those of the embedded messages that hold it. */
  readonly wire: readonly number[];
  /** No part of the protobuf message (apiVersion and kind), so it gets lost in the storage. */
  readonly lost: boolean;
  /** Written even when it is not given. */
  readonly always: boolean;
}

export interface Program {
  /** Go's name without its package. */
  readonly name: string;
  readonly steps: readonly Step[];
  readonly byName: ReadonlyMap<string, Step>;
}

const programs = new WeakMap<TypeTable, Map<string, Program>>();

/** Throws for a type that isn't in the table. */
export function programOf(types: TypeTable, type: string): Program {
  let ofTable = programs.get(types);
  if (ofTable === undefined) programs.set(types, ofTable = new Map());
  let program = ofTable.get(type);
  if (program === undefined) ofTable.set(type, program = compile(types, type));
  return program;
}

function compile(types: TypeTable, type: string): Program {
  const struct = types[type];
  if (struct === undefined) throw new Error(`there is no type ${type}`);
  const steps = Object.entries(struct.fields).map(([name, field], index) => stepOf(types, name, field, index));
  return { name: shortName(struct.go ?? type), steps, byName: new Map(steps.map((step) => [step.name, step])) };
}

function stepOf(types: TypeTable, name: string, field: Field, index: number): Step {
  return {
    name, index, embedded: field.number === 0 ? TYPE_META : (field.message ?? []).map(({ go }) => go), node: nodeOf(types, field.type),
    omitEmpty: field.omit === "empty", pointer: field.omit === "absent" || field.omit === "null",
    wire: [...(field.message ?? []).map(({ number }) => number), field.number ?? 0], lost: field.number === 0, always: field.omit === "never" || field.omit === "null",
  };
}

function nodeOf(types: TypeTable, type: Type): Node {
  const go = goNameOf(types, type);
  if ("struct" in type) return { code: Code.struct, go, item: undefined, program: () => programOf(types, type.struct) };
  if ("list" in type) return { code: Code.list, go, item: nodeOf(types, type.list), program: noProgram };
  if ("map" in type) return { code: Code.map, go, item: nodeOf(types, type.map), program: noProgram };
  const alternative = type.go === undefined ? undefined : SCHEMA_ALTERNATIVES[type.go];
  if (alternative !== undefined) return { code: alternative, go, item: undefined, program: () => programOf(BUILTIN_TYPES, "JSONSchemaProps") };
  return { code: Code[type.scalar], go, item: undefined, program: noProgram };
}

function noProgram(): never {
  throw new Error("only structs have programs");
}

function goNameOf(types: TypeTable, type: Type): string {
  if ("struct" in type) {
    const go = types[type.struct]?.go ?? type.struct;
    return go.slice(go.lastIndexOf("/") + 1);
  }
  if (type.go !== undefined) return type.go;
  if ("list" in type) return `[]${goNameOf(types, type.list)}`;
  if ("map" in type) return `map[${type.key ?? "string"}]${goNameOf(types, type.map)}`;
  return GO_SCALARS[type.scalar];
}

/** "PodSpec" of "k8s.io/api/core/v1.PodSpec". */
function shortName(go: string): string {
  return go.slice(go.lastIndexOf(".") + 1);
}
