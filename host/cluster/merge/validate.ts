/**
 * Is a value of its type, as server-side apply has it? It looks at less than the kind's own validation, and says it in
 * words of its own. Objects that are not can't be applied, and an update by one makes the server forget all managers.
 */
import type { Json, JsonObject } from "../model.ts";
import { showElement } from "./element.ts";
import { goSyntax, goTypeName, goValue } from "./go-text.ts";
import { isObject, member } from "./json.ts";
import { type ScalarCheck, type Shape, ShapeMismatch } from "./shape.ts";

export interface Complaint { readonly path: string; readonly message: string }

/** All that is wrong, in the order of members. `duplicates`: items of one key are allowed. */
export function complaintsOf(value: JsonObject, shape: Shape, duplicates: boolean): Complaint[] {
  return check(value, shape, duplicates) ?? [];
}

/** As the server lists them. */
export function complaintText(complaints: readonly Complaint[]): string {
  const lines = complaints.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`));
  return lines.length === 1 ? lines[0]! : ["errors:", ...lines.map((line) => `  ${line}`)].join("\n");
}

/** Undefined for a value that is of its type, as most are. Paths grow on the way out. */
function check(value: Json, shape: Shape, duplicates: boolean): Complaint[] | undefined {
  switch (shape.kind) {
    case "scalar": {
      const message = scalarComplaint(value, shape.check);
      return message === undefined ? undefined : [{ path: "", message }];
    }
    case "map": case "atomicMap":
      if (isObject(value)) return checkMembers(value, shape, duplicates);
      return value === null ? undefined : [{ path: "", message: `expected map, got ${wrapped(value)}` }];
    case "set": case "keyedList": case "atomicList": case "skip":
      if (Array.isArray(value)) return shape.kind === "set" || shape.kind === "keyedList" ? checkKeyed(value, shape, duplicates) : checkItems(value, shape, duplicates);
      return value === null ? undefined : [{ path: "", message: `expected list, got ${wrapped(value)}` }];
    default:
      return undefined;
  }
}

function checkMembers(value: JsonObject, shape: Shape, duplicates: boolean): Complaint[] | undefined {
  let found: Complaint[] | undefined;
  for (const name in value) {
    const inner = member(value, name);
    if (inner === undefined) continue;
    const declared = shape.members?.get(name)?.shape ?? shape.inner;
    // The server looks no further in an object that has a member which it doesn't know.
    if (declared === undefined) return [...found ?? [], { path: `.${name}`, message: "field not declared in schema" }];
    found = joined(found, check(inner, declared, duplicates), `.${name}`);
  }
  return found;
}

function checkItems(items: readonly Json[], shape: Shape, duplicates: boolean): Complaint[] | undefined {
  let found: Complaint[] | undefined;
  for (let at = 0; at < items.length; at++) found = joined(found, check(items[at]!, shape.inner!, duplicates), `[${at}]`);
  return found;
}

function checkKeyed(items: readonly Json[], shape: Shape, duplicates: boolean): Complaint[] | undefined {
  let found: Complaint[] | undefined;
  const seen = new Set<string>();
  for (let at = 0; at < items.length; at++) {
    let element: string;
    try {
      element = shape.elementOf(items[at]!);
    } catch (error) {
      if (error instanceof ShapeMismatch) return [...found ?? [], { path: "", message: `element ${at}: ${error.message}` }];
      throw error;
    }
    if (seen.has(element) && !duplicates) (found ??= []).push({ path: "", message: `duplicate entries for key ${showElement(element)}` });
    seen.add(element);
    const inner = check(items[at]!, shape.inner!, duplicates);
    if (inner !== undefined) found = joined(found, inner, showElement(element));
  }
  return found;
}

function joined(found: Complaint[] | undefined, inner: Complaint[] | undefined, prefix: string): Complaint[] | undefined {
  if (inner === undefined) return found;
  return [...found ?? [], ...inner.map(({ path, message }) => ({ path: prefix + path, message }))];
}

function scalarComplaint(value: Json, expected: ScalarCheck): string | undefined {
  if (value === null) return undefined;
  const isNumber = typeof value === "number" || typeof value === "bigint";
  switch (expected) {
    case "number": return isNumber ? undefined : `expected numeric (int or float), got ${goTypeName(value)}`;
    case "text": return typeof value === "string" ? undefined : `expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`;
    case "flag": return typeof value === "boolean" ? undefined : `expected boolean, got ${wrapped(value)}`;
    case "plain": return typeof value !== "object" ? undefined : `expected any scalar, got ${wrapped(value)}`;
  }
}

/** As Go prints a value that is in a structure of its own. */
function wrapped(value: Json): string {
  return `&{${goValue(value)}}`;
}
