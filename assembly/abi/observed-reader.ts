/** The envelope of a pass: `Observed` as the protocol has it, read into what the SDK gives to a rule. */
import { decodeInto } from "./decode";
import { quoted } from "./encode";
import { record, unexpected } from "./errors";
import { findSpecial, same, skipSpace, skipValue } from "./scan";
import { frames, INDEX_FRAME, openInPlace, REF_INTEGER, state } from "./state";
import { atEnd } from "./reader";

/** Positions in every table, in units (bindings/codegen/emit/table.ts). */
export const REF_STRING_LIST: u32 = 6;
export const REF_RESULTS: u32 = 8;
export const REF_ANSWERS: u32 = 10;
const AT_KINDS: usize = 24;
const AT_PRIMARY: usize = 26;
const AT_STATUS: usize = 28;
const AT_TYPE_META: usize = 30;

/** Slots of the envelope: addresses of what was read. */
@unmanaged
export class Envelope {
  protocol: usize;
  mode: usize;
  now: usize;
  primary: usize;
  old: usize;
  answers: usize;
  lastResults: usize;
}

/** One kind of `owns`, as the table describes it. */
@unmanaged
export class KindEntry {
  prefixAt: u16;
  prefixUnits: u16;
  ref: u16;
  namespaced: u16;
}
const KIND_ENTRY_BYTES: usize = 8;

function kindsBlock(): usize {
  return state.table + (<usize>load<u16>(state.table + AT_KINDS) << 1);
}
export function kindCount(): i32 {
  return load<u16>(kindsBlock());
}
export function kindEntry(index: i32): KindEntry {
  return changetype<KindEntry>(kindsBlock() + 2 + <usize>index * KIND_ENTRY_BYTES);
}
export function primaryRef(): u32 {
  return load<u16>(state.table + AT_PRIMARY);
}
/** 0 if the primary has no status type. */
export function statusRef(): u32 {
  return load<u16>(state.table + AT_STATUS);
}

/**
 * Reads the text at `start`, which has its slack behind it. `owned` and `strays` take one array per kind. What was wrong
 * is in `problem()` afterwards; nothing read may be used then.
 */
export function readObserved(start: usize, units: usize, envelope: Envelope, owned: usize[][], strays: usize[][]): void {
  let at = skipSpace(openInPlace(start, units << 1, "observed"));
  if (load<u16>(at) != 0x7b) {
    unexpected(at);
    return;
  }
  at = skipSpace(at + 2);
  for (;;) {
    if (load<u16>(at) != 0x22) {
      unexpected(at);
      return;
    }
    const end = findSpecial(at + 2);
    const colon = skipSpace(end + 2);
    if (load<u16>(end) != 0x22 || load<u16>(colon) != 0x3a) {
      unexpected(load<u16>(end) != 0x22 ? end : colon);
      return;
    }
    at = readPart(at + 2, end, skipSpace(colon + 2), envelope, owned, strays);
    if (at == 0) return;
    at = skipSpace(at);
    const unit = load<u16>(at);
    if (unit == 0x7d) break;
    if (unit != 0x2c) {
      unexpected(at);
      return;
    }
    at = skipSpace(at + 2);
  }
  atEnd(at + 2);
}

function readPart(key: usize, keyEnd: usize, at: usize, envelope: Envelope, owned: usize[][], strays: usize[][]): usize {
  const slots = changetype<usize>(envelope);
  if (is(key, keyEnd, "owned")) return readObjects(at, owned, "owned");
  if (is(key, keyEnd, "strays")) return readObjects(at, strays, "strays");
  if (is(key, keyEnd, "primary")) return named("primary", slots + offsetof<Envelope>("primary"), primaryRef(), at);
  if (is(key, keyEnd, "old")) return named("old", slots + offsetof<Envelope>("old"), primaryRef(), at);
  if (is(key, keyEnd, "answers")) return named("answers", slots + offsetof<Envelope>("answers"), REF_ANSWERS, at);
  if (is(key, keyEnd, "lastResults")) return named("lastResults", slots + offsetof<Envelope>("lastResults"), REF_RESULTS, at);
  if (is(key, keyEnd, "now")) return named("now", slots + offsetof<Envelope>("now"), 0, at);
  if (is(key, keyEnd, "mode")) return named("mode", slots + offsetof<Envelope>("mode"), 0, at);
  if (is(key, keyEnd, "protocol")) return named("protocol", slots + offsetof<Envelope>("protocol"), REF_INTEGER, at);
  return skipValue(at); // A later host may say more.
}

function is(from: usize, to: usize, name: string): bool {
  const bytes = <usize>name.length << 1;
  return to - from == bytes && same(changetype<usize>(name), from, bytes);
}

function named(name: string, slot: usize, ref: u32, at: usize): usize {
  state.root = changetype<usize>(name);
  if (load<usize>(slot) != 0) record("expected one value, found the key twice");
  return decodeInto(slot, ref, at);
}

/** A list of objects of several kinds, each into its kind's array. Sorted by kind, so the last kind is tried first. */
function readObjects(at: usize, into: usize[][], name: string): usize {
  state.root = changetype<usize>(name);
  if (load<u16>(at) != 0x5b) return unexpected(at);
  at = skipSpace(at + 2);
  if (load<u16>(at) == 0x5d) return at + 2;
  const slot = __new(4, 1);
  let kind = 0;
  for (let index: u32 = 0; ; index++) {
    store<u32>(frames, index);
    store<u32>(frames, INDEX_FRAME, 4);
    state.depth = 1;
    if (load<u16>(at) != 0x7b) return unexpected(at);
    kind = kindOf(at, kind);
    if (kind < -1) return 0;
    if (kind < 0) {
      record("expected an object of a kind in `owns`, found another");
      at = skipValue(at);
      kind = 0;
    } else {
      store<usize>(slot, 0);
      at = decodeInto(slot, kindEntry(kind).ref, at);
      into[kind].push(load<usize>(slot));
    }
    if (at == 0) return 0;
    at = skipSpace(at);
    const unit = load<u16>(at);
    if (unit == 0x5d) break;
    if (unit != 0x2c) return unexpected(at);
    at = skipSpace(at + 2);
  }
  state.depth = 0;
  return at + 2;
}

/** Which kind the object at `at` is of; -1: none of them, -2: it is no JSON. */
function kindOf(at: usize, likely: i32): i32 {
  if (kindCount() > 0 && hasPrefix(at, likely)) return likely;
  for (let i = 0; i < kindCount(); i++) if (hasPrefix(at, i)) return i;
  // Not in the usual order: read the two fields, and compare again.
  const errors = state.errors;
  const slot = __new(4, 1);
  if (decodeInto(slot, load<u16>(state.table + AT_TYPE_META), at) == 0) return -2;
  const type = load<usize>(slot);
  if (state.errors != errors || load<usize>(type) == 0 || load<usize>(type, 4) == 0) return -1;
  const apiVersion = quoted(changetype<string>(load<usize>(type)));
  const spelt = '{"apiVersion":' + apiVersion + ',"kind":' + quoted(changetype<string>(load<usize>(type, 4)));
  for (let i = 0; i < kindCount(); i++) if (hasPrefix(changetype<usize>(spelt), i)) return i;
  return -1;
}

/** The table has `{"apiVersion":"apps/v1","kind":"Deployment"` for each kind. */
function hasPrefix(at: usize, index: i32): bool {
  const entry = kindEntry(index);
  return same(state.names + (<usize>entry.prefixAt << 1), at, <usize>entry.prefixUnits << 1);
}
