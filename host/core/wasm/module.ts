/**
 * The sections of a core, decoded as far as the meter and the verifier need them. What no core may hold (imports, a start
 * section, passive segments, other element types) is still decoded or refused here by name.
 */
import { Reader, WasmError } from "./bytes.ts";

export const Section = {
  custom: 0, type: 1, import: 2, function: 3, table: 4, memory: 5, global: 6, export: 7, start: 8, element: 9, code: 10, data: 11, dataCount: 12,
} as const;

export const ValueType = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b, funcref: 0x70 } as const;
const NUMERIC: readonly number[] = [ValueType.i32, ValueType.i64, ValueType.f32, ValueType.f64, ValueType.v128];

export const External = { function: 0, table: 1, memory: 2, global: 3 } as const;

export interface FunctionType { params: number[]; results: number[] }
export interface Import { module: string; name: string }
export interface Export { name: string; kind: number; index: number }
/** `init` is the value of an `i32.const`, undefined for other initial values. */
export interface Global { type: number; mutable: boolean; init: number | undefined }
/** Sizes of a memory in pages, of a table in entries; `max` is undefined when there is none. */
export interface Memory { min: number; max: number | undefined }
/** A function body: its locals, and where its instructions lie (the last `end` included). */
export interface Body { start: number; end: number; locals: { count: number; type: number }[]; code: number }
/** Where a section's content lies in the file. */
export interface RawSection { id: number; start: number; end: number }

export interface Module {
  bytes: Uint8Array;
  sections: RawSection[];
  types: FunctionType[];
  imports: Import[];
  /** Type index of each function (no imports are allowed, so this is the whole index space). */
  functions: number[];
  tables: Memory[];
  memories: Memory[];
  globals: Global[];
  exports: Export[];
  start: number | undefined;
  /** Functions in the table. */
  elements: number[];
  bodies: Body[];
  /** Where the data that a fresh memory holds ends. */
  dataEnd: number;
  customs: { name: string; content: Uint8Array }[];
}

const MAGIC = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
/** Sections in the order in which they must appear; dataCount stands before code. */
const ORDER = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 10, 11];

/** Decodes a module. Throws `WasmError` for anything malformed, truncated, or of a feature that no core may use. */
export function decodeModule(bytes: Uint8Array): Module {
  const reader = new Reader(bytes);
  for (const byte of MAGIC) if (reader.byte() !== byte) throw new WasmError(reader.offset - 1, "this is not a Wasm module of version 1");
  const module: Module = {
    bytes, sections: [], types: [], imports: [], functions: [], tables: [], memories: [], globals: [], exports: [], start: undefined, elements: [], bodies: [], dataEnd: 0, customs: [],
  };
  let last = -1;
  while (!reader.done) {
    const at = reader.offset;
    const id = reader.byte();
    const content = reader.part();
    module.sections.push({ id, start: content.offset, end: content.end });
    if (id !== Section.custom) {
      const order = ORDER.indexOf(id);
      if (order === -1) throw new WasmError(at, id === 13 ? "it uses exceptions" : `section ${id} is unknown`);
      if (order <= last) throw new WasmError(at, `section ${id} appears twice or out of order`);
      last = order;
    }
    decodeSection(module, id, content);
    if (!content.done) throw new WasmError(content.offset, `section ${id} holds more than it says`);
  }
  if (module.bodies.length !== module.functions.length) throw new WasmError(bytes.length, "functions and bodies differ in number");
  return module;
}

function decodeSection(module: Module, id: number, reader: Reader): void {
  switch (id) {
    case Section.custom: {
      const name = reader.name();
      module.customs.push({ name, content: reader.bytes.subarray(reader.offset, reader.end) });
      return reader.skip(reader.end - reader.offset);
    }
    case Section.type: module.types = reader.vector(() => functionType(reader)); return;
    case Section.import: module.imports = imports(reader); return;
    case Section.function: module.functions = reader.vector(() => reader.u32()); return;
    case Section.table: module.tables = reader.vector(() => table(reader)); return;
    case Section.memory: module.memories = reader.vector(() => limits(reader)); return;
    case Section.global: module.globals = reader.vector(() => global(reader)); return;
    case Section.export:
      module.exports = reader.vector(() => ({ name: reader.name(), kind: reader.byte(), index: reader.u32() }));
      return;
    case Section.start: module.start = reader.u32(); return;
    case Section.element: module.elements = reader.vector(() => element(reader)).flat(); return;
    case Section.code: module.bodies = reader.vector(() => body(reader)); return;
    case Section.data: module.dataEnd = reader.vector(() => data(reader)).reduce((most, end) => Math.max(most, end), 0); return;
    case Section.dataCount: reader.u32(); return;
  }
}

function functionType(reader: Reader): FunctionType {
  const at = reader.offset;
  if (reader.byte() !== 0x60) throw new WasmError(at, "it uses garbage collection (a type that is not a function)");
  return { params: reader.vector(() => valueType(reader)), results: reader.vector(() => valueType(reader)) };
}

function valueType(reader: Reader): number {
  const at = reader.offset;
  const type = reader.byte();
  if (!NUMERIC.includes(type)) throw new WasmError(at, "it uses reference types");
  return type;
}

/** Only the first import is decoded: one is too many. */
function imports(reader: Reader): Import[] {
  const count = reader.u32();
  const found = count === 0 ? [] : [{ module: reader.name(), name: reader.name() }];
  reader.skip(reader.end - reader.offset);
  return found;
}

function limits(reader: Reader): Memory {
  const at = reader.offset;
  const flags = reader.byte();
  if (flags > 1) throw new WasmError(at, (flags & 2) !== 0 ? "it uses threads (shared memory)" : "it uses memory64");
  const min = reader.u32();
  return { min, max: flags === 1 ? reader.u32() : undefined };
}

function table(reader: Reader): Memory {
  const at = reader.offset;
  if (reader.byte() !== ValueType.funcref) throw new WasmError(at, "it uses reference types (a table of something else than functions)");
  return limits(reader);
}

function global(reader: Reader): Global {
  const type = valueType(reader);
  const mutable = reader.byte() === 1;
  return { type, mutable, init: constant(reader) };
}

/** A constant expression: one constant, then `end`. Its value, if it is an i32. */
function constant(reader: Reader): number | undefined {
  const at = reader.offset;
  const op = reader.byte();
  let value: number | undefined;
  if (op === 0x41) value = reader.s32();
  else if (op === 0x42) reader.skipLeb(10);
  else if (op === 0x43) reader.skip(4);
  else if (op === 0x44) reader.skip(8);
  else if (op === 0xfd && reader.byte() === 0x0c) reader.skip(16);
  else throw new WasmError(at, "an initial value is not a plain constant");
  if (reader.byte() !== 0x0b) throw new WasmError(reader.offset - 1, "an initial value is not a plain constant");
  return value;
}

function element(reader: Reader): number[] {
  const at = reader.offset;
  if (reader.u32() !== 0) throw new WasmError(at, "it has a passive or declarative element segment");
  constant(reader);
  return reader.vector(() => reader.u32());
}

/** Returns where the segment ends. */
function data(reader: Reader): number {
  const at = reader.offset;
  if (reader.u32() !== 0) throw new WasmError(at, "it has a passive data segment");
  const start = constant(reader) ?? 0;
  const { offset, end } = reader.part();
  return (start >>> 0) + end - offset;
}

function body(reader: Reader): Body {
  const part = reader.part();
  const start = part.offset;
  const locals = part.vector(() => ({ count: part.u32(), type: valueType(part) }));
  if (part.offset >= part.end || part.bytes[part.end - 1] !== 0x0b) throw new WasmError(part.end, "a function body does not end");
  return { start, end: part.end, locals, code: part.offset };
}
