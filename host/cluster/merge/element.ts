/**
 * Path elements: one step from a value to what is in it, spelled as `managedFields` spells it. "f:name" is a member of an
 * object, `k:{"name":"x"}` an item of a list by its keys, `v:"x"` an item of a set by its value, "i:0" an item by its place.
 */
import { parseJson } from "../../../bindings/protocol/json.ts";
import type { Json, JsonObject } from "../model.ts";
import { goFloat, goJson, goQuote, goSortedJson } from "./go-text.ts";
import { compareText } from "./text-order.ts";

/** An element, taken apart. */
type Parsed =
  | { readonly kind: "f"; readonly name: string }
  | { readonly kind: "k"; readonly keys: readonly (readonly [name: string, value: Json])[] }
  | { readonly kind: "v"; readonly value: Json }
  | { readonly kind: "i"; readonly index: number };

/** Keys and values are compared by meaning, so their texts are parsed; the same few are met again and again. */
const parsedTexts = new Map<string, Parsed>();
const PARSED_MAX = 4096;

/** The item of a set with this value. */
export function valueElement(value: Json): string {
  return `v:${goJson(value)}`;
}

/** The item of a keyed list with these keys, which are sorted by name. */
export function keyElement(keys: readonly (readonly [name: string, value: Json])[]): string {
  let text = "k:{";
  for (let at = 0; at < keys.length; at++) {
    const [name, value] = keys[at]!;
    text += `${at === 0 ? "" : ","}${goJson(name)}:${typeof value === "object" ? goSortedJson(value) : goJson(value)}`;
  }
  return `${text}}`;
}

/** The server's order: members, then keys, values and places; each by what it says, not by how it is spelled. */
export function compareElements(a: string, b: string): number {
  if (a === b) return 0;
  const left = a.charCodeAt(0);
  const right = b.charCodeAt(0);
  if (left !== right) return rankOf(left) - rankOf(right);
  if (left === FIELD) return compareText(a, b);
  return compareParsed(parsed(a), parsed(b));
}

/** Where the elements stand when they are sorted. */
export function placesInOrder(elements: readonly string[]): number[] {
  const places = elements.map((_, at) => at);
  if (elements.every((element) => element.charCodeAt(0) === FIELD)) return places.sort((a, b) => compareText(elements[a]!, elements[b]!));
  // Each is taken apart once.
  const apart = elements.map(parse);
  return places.sort((a, b) => {
    const [left, right] = [apart[a]!, apart[b]!];
    return left.kind === right.kind ? compareParsed(left, right) : rankOf(elements[a]!.charCodeAt(0)) - rankOf(elements[b]!.charCodeAt(0));
  });
}

const FIELD = 102;
const RANKS: { readonly [kind: number]: number } = { [FIELD]: 0, 107: 1, 118: 2, 105: 3 };
/** "." comes before all others. */
function rankOf(kind: number): number {
  return RANKS[kind] ?? -1;
}

/**
 * The element that a client's text stands for, spelled as the server spells it; undefined for a kind of element that it
 * ignores. Throws Error for a broken one.
 */
export function readElement(text: string): string | undefined {
  if (text.length < 2) throw new Error("key must be 2 characters long:");
  if (text[1] !== ":") throw new Error(`missing colon: ${text}`);
  switch (text[0]) {
    case "f": return text;
    case "k": {
      const object = parseJson(text.slice(2)) as JsonObject;
      if (typeof object !== "object" || object === null || Array.isArray(object)) throw new Error(`no keys: ${text}`);
      return keyElement(Object.entries(object).sort(([a], [b]) => compareText(a, b)));
    }
    case "v": return valueElement(parseJson(text.slice(2)));
    case "i": {
      if (!/^[+-]?[0-9]+$/.test(text.slice(2))) throw new Error(`no index: ${text}`);
      return `i:${Number(text.slice(2))}`;
    }
    default: return undefined;
  }
}

/** As a path in a message shows it: ".spec", `[name="x",port=80]`, `[="x"]`, "[0]". */
export function showElement(text: string): string {
  const element = parsed(text);
  switch (element.kind) {
    case "f": return `.${element.name}`;
    case "k": return `[${element.keys.map(([name, value]) => `${name}=${showValue(value)}`).join(",")}]`;
    case "v": return `[=${showValue(element.value)}]`;
    case "i": return `[${element.index}]`;
  }
}

/** Numbers that were read back from a key's text are floats to the server. */
function showValue(value: Json): string {
  if (value === null) return "null";
  if (typeof value === "string") return goQuote(value);
  if (typeof value === "number") return goFloat(value);
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) return `[${value.map(showValue).join(",")}]`;
  return Object.entries(value).map(([name, member]) => `${name}=${showValue(member)}`).join("");
}

function parsed(text: string): Parsed {
  const known = parsedTexts.get(text);
  if (known !== undefined) return known;
  const made = parse(text);
  if (parsedTexts.size >= PARSED_MAX) parsedTexts.clear();
  parsedTexts.set(text, made);
  return made;
}

function parse(text: string): Parsed {
  const rest = text.slice(2);
  switch (text[0]) {
    case "k": return { kind: "k", keys: Object.entries(parseJson(rest) as JsonObject) };
    case "v": return { kind: "v", value: parseJson(rest) };
    case "i": return { kind: "i", index: Number(rest) };
    default: return { kind: "f", name: rest };
  }
}

function compareParsed(a: Parsed, b: Parsed): number {
  if (a.kind === "k" && b.kind === "k") return compareKeys(a.keys, b.keys);
  if (a.kind === "v" && b.kind === "v") return compareValues(a.value, b.value);
  if (a.kind === "f" && b.kind === "f") return compareText(a.name, b.name);
  return a.kind === "i" && b.kind === "i" ? a.index - b.index : 0;
}

function compareKeys(a: readonly (readonly [string, Json])[], b: readonly (readonly [string, Json])[]): number {
  for (let at = 0; at < a.length && at < b.length; at++) {
    const order = compareText(a[at]![0], b[at]![0]) || compareValues(a[at]![1], b[at]![1]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** Numbers before texts before booleans before lists before objects before null. */
function compareValues(a: Json, b: Json): number {
  const order = classOf(a) - classOf(b);
  if (order !== 0) return order;
  if (typeof a === "string") return compareText(a, b as string);
  if (typeof a !== "object") return (a as number) < (b as number) ? -1 : (a as number) > (b as number) ? 1 : 0;
  if (Array.isArray(a) && Array.isArray(b)) {
    for (let at = 0; at < a.length && at < b.length; at++) {
      const inner = compareValues(a[at]!, b[at]!);
      if (inner !== 0) return inner;
    }
    return a.length - b.length;
  }
  return a === null ? 0 : compareKeys(sortedEntries(a as JsonObject), sortedEntries(b as JsonObject));
}

function sortedEntries(object: JsonObject): [string, Json][] {
  return Object.entries(object).sort(([a], [b]) => compareText(a, b));
}

function classOf(value: Json): number {
  switch (typeof value) {
    case "number": case "bigint": return 0;
    case "string": return 1;
    case "boolean": return 2;
    default: return value === null ? 5 : Array.isArray(value) ? 3 : 4;
  }
}
