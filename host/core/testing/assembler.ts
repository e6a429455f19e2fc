/**
 * Assembles small modules by hand, for tests: good cores, and every kind of bad one. Instructions are bytes; `i32(n)`,
 * `leb(n)` and the constants of `Op` make them readable.
 */
import { Reader, Writer } from "../wasm/bytes.ts";
import { decodeModule, type Export, External, type FunctionType, ValueType } from "../wasm/module.ts";

const { i32: I32 } = ValueType;

export interface Func {
  /** Exported under this name, if given. */
  name?: string;
  params?: number[];
  results?: number[];
  /** Each local's type. */
  locals?: number[];
  /** Instructions, without the last `end`. */
  code: number[];
}

export interface Source {
  functions?: Func[];
  /** `init` are the bytes of the initial value, without `end`. */
  globals?: { type?: number; mutable?: boolean; init: number[]; name?: string }[];
  /** Default: one page, exported. */
  memory?: { min: number; max?: number } | null;
  exports?: Export[];
  data?: { at: number; bytes: number[] }[];
  /** Functions in a table of that size. */
  table?: number[];
  /** Whole sections, each behind the section of that number. */
  raw?: { id: number; content: number[] }[];
}

/** `i32.const n` */
export function i32(value: number): number[] { return [0x41, ...new Writer().s32(value).done()]; }
export function leb(value: number): number[] { return [...new Writer().u32(value).done()]; }

export function assemble(source: Source): Uint8Array {
  const functions = source.functions ?? [];
  const memory = source.memory === undefined ? { min: 1 } : source.memory;
  const out = new Writer().byte(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  const write = (id: number, content: Writer | undefined) => {
    if (content !== undefined) out.byte(id).part(content);
    for (const raw of source.raw ?? []) if (raw.id === id) out.byte(id).part(Uint8Array.from(raw.content));
  };
  const types: FunctionType[] = functions.map((each) => ({ params: each.params ?? [], results: each.results ?? [] }));
  write(1, new Writer().vector(types, (w, type) => { w.byte(0x60).part(Uint8Array.from(type.params)).part(Uint8Array.from(type.results)); }));
  write(2, undefined);
  write(3, new Writer().vector(functions, (w, _) => { w.u32(functions.indexOf(_)); }));
  write(4, source.table === undefined ? undefined : new Writer().byte(1, 0x70, 0).u32(source.table.length));
  write(5, memory === null ? undefined : new Writer().byte(1, memory.max === undefined ? 0 : 1).u32(memory.min).raw(Uint8Array.from(memory.max === undefined ? [] : leb(memory.max))));
  write(6, source.globals === undefined ? undefined : new Writer().vector(source.globals, (w, global) => {
    w.byte(global.type ?? I32, global.mutable === false ? 0 : 1, ...global.init, 0x0b);
  }));
  write(7, new Writer().vector(exportsOf(source, memory !== null), (w, entry) => { w.name(entry.name).byte(entry.kind).u32(entry.index); }));
  write(8, undefined);
  write(9, source.table === undefined ? undefined : new Writer().byte(1, 0, 0x41, 0, 0x0b).vector(source.table, (w, index) => { w.u32(index); }));
  write(12, undefined);
  write(10, new Writer().vector(functions, (w, each) => { w.part(body(each)); }));
  write(11, source.data === undefined ? undefined : new Writer().vector(source.data, (w, part) => {
    w.byte(0, ...i32(part.at), 0x0b).part(Uint8Array.from(part.bytes));
  }));
  write(0, undefined);
  return out.done().slice();
}

function exportsOf(source: Source, memory: boolean): Export[] {
  const exports: Export[] = memory ? [{ name: "memory", kind: External.memory, index: 0 }] : [];
  (source.functions ?? []).forEach((each, index) => { if (each.name !== undefined) exports.push({ name: each.name, kind: External.function, index }); });
  (source.globals ?? []).forEach((each, index) => { if (each.name !== undefined) exports.push({ name: each.name, kind: External.global, index }); });
  return [...exports, ...(source.exports ?? [])];
}

function body(each: Func): Writer {
  const writer = new Writer().vector(each.locals ?? [], (w, type) => { w.byte(1, type); });
  return writer.raw(Uint8Array.from(each.code)).byte(0x0b);
}

/** Where each section goes; dataCount (12) stands before code. */
const ORDER = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 10, 11, 0];

/** The module with section `id` replaced, or put where it belongs. Custom sections (0) are added at the end. */
export function withSection(wasm: Uint8Array, id: number, content: readonly number[] | Uint8Array): Uint8Array {
  const sections = decodeModule(wasm).sections.map((each) => ({ id: each.id, content: wasm.slice(each.start, each.end) }));
  const kept = sections.filter((each) => each.id !== id || id === 0);
  const after = kept.findIndex((each) => ORDER.indexOf(each.id) > ORDER.indexOf(id));
  kept.splice(after === -1 ? kept.length : after, 0, { id, content: Uint8Array.from(content) });
  const out = new Writer().raw(wasm, 0, 8);
  for (const each of kept) out.byte(each.id).part(each.content);
  return out.done().slice();
}

/** The module without its custom sections of that name. */
export function withoutCustom(wasm: Uint8Array, name: string): Uint8Array {
  const out = new Writer().raw(wasm, 0, 8);
  for (const each of decodeModule(wasm).sections) {
    if (each.id === 0 && new Reader(wasm, each.start, each.end).name() === name) continue;
    out.byte(each.id).part(wasm.slice(each.start, each.end));
  }
  return out.done().slice();
}

/** Content of a section of the module, or an empty vector. */
export function sectionOf(wasm: Uint8Array, id: number): Uint8Array {
  const found = decodeModule(wasm).sections.find((each) => each.id === id);
  return found === undefined ? Uint8Array.of(0) : wasm.slice(found.start, found.end);
}
