/**
 * Sets of fields, in the very form in which `managedFields[].fieldsV1` holds them: nested objects, whose members are path
 * elements in the server's order. An element is in the set when its object is empty or has a member "."; else it only leads
 * to elements beneath it. Sets are never changed: what an operation leaves as it was is shared with its operands.
 */
import type { Json } from "../model.ts";
import { compareElements, placesInOrder, readElement } from "./element.ts";
import { isObject } from "./json.ts";
import { compareText, sortTexts } from "./text-order.ts";

export interface FieldSet { readonly [element: string]: FieldSet }
type Writable = { [element: string]: FieldSet };

/** The empty set; as a member, an element that is in the set and has nothing beneath it. */
export const EMPTY_SET: FieldSet = Object.freeze({});
const SELF = ".";

export function isEmptySet(set: FieldSet): boolean {
  for (const _ in set) return false;
  return true;
}

/** True for an element that is in the set itself. `node` is what the set has for it. */
function isMember(node: FieldSet): boolean {
  return node[SELF] !== undefined || isEmptySet(node);
}

/** What is beneath an element, without the element itself. */
export function beneath(node: FieldSet | undefined): FieldSet {
  if (node === undefined) return EMPTY_SET;
  if (node[SELF] === undefined) return node;
  const rest: Writable = {};
  for (const element in node) if (element !== SELF) rest[element] = node[element]!;
  return rest;
}

/** The node of an element that is in the set, or isn't, with `inner` beneath it; undefined when there is neither. */
export function nodeOf(self: boolean, inner: FieldSet | undefined): FieldSet | undefined {
  if (inner === undefined || isEmptySet(inner)) return self ? EMPTY_SET : undefined;
  return self ? { [SELF]: EMPTY_SET, ...inner } : inner;
}

/** True when the set has an element (and not only something beneath it) at the path. */
export function hasPath(set: FieldSet, path: readonly string[]): boolean {
  let node: FieldSet | undefined = set;
  for (const element of path) {
    node = node[element];
    if (node === undefined) return false;
  }
  return path.length > 0 && isMember(node);
}

/** What is in either. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b || isEmptySet(b)) return a;
  if (isEmptySet(a)) return b;
  if (!addsTo(a, b)) return a;
  const mine = Object.keys(a);
  const more = Object.keys(b).filter((element) => a[element] === undefined);
  const out: Writable = {};
  let next = 0;
  for (const element of mine) {
    while (next < more.length && compareElements(more[next]!, element) < 0) out[more[next]!] = b[more[next++]!]!;
    out[element] = b[element] === undefined ? a[element]! : unionNodes(a[element]!, b[element]!);
  }
  for (; next < more.length; next++) out[more[next]!] = b[more[next]!]!;
  return out;
}

/** What is in any of them. */
export function unionOf(sets: readonly FieldSet[]): FieldSet {
  if (sets.length <= 2) return sets.length === 2 ? union(sets[0]!, sets[1]!) : sets[0] ?? EMPTY_SET;
  // Halves, because a union copies what it adds to.
  const middle = sets.length >> 1;
  return union(unionOf(sets.slice(0, middle)), unionOf(sets.slice(middle)));
}

function unionNodes(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b) return a;
  const self = isMember(a);
  const either = self || isMember(b);
  if (self === either && !addsTo(a, b)) return a;
  return nodeOf(either, union(beneath(a), beneath(b)))!;
}

/** False when `a` has all of `b` already. */
function addsTo(a: FieldSet, b: FieldSet): boolean {
  for (const element in b) {
    if (element === SELF) continue;
    const there = a[element];
    const wanted = b[element]!;
    if (there === undefined) return true;
    if (there === wanted) continue;
    if ((isMember(wanted) && !isMember(there)) || addsTo(there, wanted)) return true;
  }
  return false;
}

/** What of `a` is not in `b`. What is beneath an element stays, though the element itself goes. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  return withoutSome(a, b, differenceOfNodes);
}

function differenceOfNodes(a: FieldSet, b: FieldSet): FieldSet | undefined {
  const self = isMember(a) && !isMember(b);
  const inner = beneath(a);
  const left = difference(inner, b);
  return self === isMember(a) && left === inner ? a : nodeOf(self, left);
}

/** What of `a` neither is in `b` nor beneath something that is. */
export function recursiveDifference(a: FieldSet, b: FieldSet): FieldSet {
  return withoutSome(a, b, (left, right) => {
    if (isMember(right)) return undefined;
    const inner = beneath(left);
    const rest = recursiveDifference(inner, right);
    return rest === inner ? left : nodeOf(isMember(left), rest);
  });
}

/** Replaces those nodes of `a` for which `b` has one too; the same set when none changes. */
function withoutSome(a: FieldSet, b: FieldSet, replace: (left: FieldSet, right: FieldSet) => FieldSet | undefined): FieldSet {
  let changed: Map<string, FieldSet | undefined> | undefined;
  for (const element in b) {
    const there = a[element];
    if (there === undefined || element === SELF) continue;
    const left = replace(there, b[element]!);
    if (left !== there) (changed ??= new Map()).set(element, left);
  }
  if (changed === undefined) return a;
  const out: Writable = {};
  for (const element in a) {
    const node = changed.has(element) ? changed.get(element) : a[element];
    if (node !== undefined) out[element] = node;
  }
  return out;
}

/** What is in both. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  const out: Writable = {};
  for (const element in b) {
    const there = a[element];
    if (there === undefined || element === SELF) continue;
    const other = b[element]!;
    const node = nodeOf(isMember(there) && isMember(other), intersection(there, other));
    if (node !== undefined) out[element] = node;
  }
  return out;
}

/** True when `a` has all of `b`. */
export function includes(a: FieldSet, b: FieldSet): boolean {
  return a === b || !addsTo(a, b);
}

export function sameSet(a: FieldSet, b: FieldSet): boolean {
  return includes(a, b) && includes(b, a);
}

/** Every element of the set as its path, in the server's order: elements of one level first, then what is beneath them. */
export function pathsOf(set: FieldSet): string[][] {
  const found: string[][] = [];
  collectPaths(set, [], found);
  return found;
}

function collectPaths(set: FieldSet, prefix: readonly string[], found: string[][]): void {
  for (const element in set) if (element !== SELF && isMember(set[element]!)) found.push([...prefix, element]);
  for (const element in set) if (element !== SELF) collectPaths(set[element]!, [...prefix, element], found);
}

/**
 * The same set as the server stores it in a custom resource, where it is JSON like any other: elements are sorted as texts,
 * so that `{"port":443}` comes before `{"port":80}`.
 */
export function textSorted(set: FieldSet): FieldSet {
  const out: Writable = {};
  let same = true;
  const elements = Object.keys(set);
  for (let at = 1; at < elements.length; at++) if (compareText(elements[at - 1]!, elements[at]!) > 0) same = false;
  for (const element of same ? elements : sortTexts(elements)) {
    const node = set[element]!;
    const inner = isEmptySet(node) ? node : textSorted(node);
    if (inner !== node) same = false;
    out[element] = inner;
  }
  return same ? set : out;
}

/**
 * The set that a client wrote, in the server's order and spelling. Unknown kinds of elements are left out. Throws Error for
 * what is no set.
 */
export function readFieldSet(json: Json): FieldSet {
  const { children } = readNode(json);
  return children ?? EMPTY_SET;
}

function readNode(json: Json): { children: FieldSet | undefined; self: boolean } {
  if (json !== null && !isObject(json)) throw new Error("expect { or n");
  let self = false;
  const found: [string, FieldSet][] = [];
  for (const text of json === null ? [] : Object.keys(json)) {
    if (text === SELF) {
      self = true;
      continue;
    }
    const element = readElement(text);
    if (element === undefined) continue;
    const inner = readNode(json![text]!);
    const node = nodeOf(inner.self || inner.children === undefined, inner.children);
    if (node !== undefined) found.push([element, node]);
  }
  if (found.length === 0) return { children: undefined, self: true };
  return { children: sortedSet(found), self };
}

/** A set of these elements; where one is given twice, all that was given for it. */
export function sortedSet(entries: readonly [element: string, node: FieldSet][]): FieldSet {
  const out: Writable = {};
  for (const at of placesInOrder(entries.map(([element]) => element))) {
    const [element, node] = entries[at]!;
    const before = out[element];
    out[element] = before === undefined ? node : unionNodes(before, node);
  }
  return out;
}
