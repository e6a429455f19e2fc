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
  const found: Complaint[] = [];
  check(value, shape, "", duplicates, found);
  return found;
}

/** As the server lists them. */
export function complaintText(complaints: readonly Complaint[]): string {
  const lines = complaints.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`));
  return lines.length === 1 ? lines[0]! : ["errors:", ...lines.map((line) => `  ${line}`)].join("\n");
}

function check(value: Json, shape: Shape, path: string, duplicates: boolean, found: Complaint[]): void {
  switch (shape.kind) {
    case "scalar": {
      const message = scalarComplaint(value, shape.check);
      if (message !== undefined) found.push({ path, message });
      return;
    }
    case "map": case "atomicMap":
      if (isObject(value)) checkMembers(value, shape, path, duplicates, found);
      else if (value !== null) found.push({ path, message: `expected map, got ${wrapped(value)}` });
      return;
    case "set": case "keyedList": case "atomicList": case "skip":
      if (Array.isArray(value)) checkItems(value, shape, path, duplicates, found);
      else if (value !== null) found.push({ path, message: `expected list, got ${wrapped(value)}` });
      return;
    default:
  }
}

function checkMembers(value: JsonObject, shape: Shape, path: string, duplicates: boolean, found: Complaint[]): void {
  for (const name of Object.keys(value)) {
    const inner = member(value, name);
    if (inner === undefined) continue;
    const declared = shape.memberNamed(name);
    if (declared === undefined) {
      found.push({ path: `${path}.${name}`, message: "field not declared in schema" });
      // The server looks no further in this object.
      return;
    }
    check(inner, declared.shape, `${path}.${name}`, duplicates, found);
  }
}

function checkItems(items: readonly Json[], shape: Shape, path: string, duplicates: boolean, found: Complaint[]): void {
  const seen = new Set<string>();
  for (let at = 0; at < items.length; at++) {
    let where = `${path}[${at}]`;
    if (shape.kind === "set" || shape.kind === "keyedList") {
      let element: string;
      try {
        element = shape.elementOf(items[at]!);
      } catch (error) {
        if (!(error instanceof ShapeMismatch)) throw error;
        found.push({ path, message: `element ${at}: ${error.message}` });
        return;
      }
      const shown = showElement(element);
      if (seen.has(element) && !duplicates) found.push({ path, message: `duplicate entries for key ${shown}` });
      seen.add(element);
      where = path + shown;
    }
    check(items[at]!, shape.inner!, where, duplicates, found);
  }
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
