/**
 * Collects what is wrong with an object, field by field, in the words and the order of the real API server
 * (k8s.io/apimachinery/pkg/util/validation/field).
 */
import { StatusError, type StatusCause } from "./status-error.ts";

export type FieldErrorType =
  | "FieldValueNotFound" | "FieldValueRequired" | "FieldValueDuplicate" | "FieldValueInvalid" | "FieldValueNotSupported"
  | "FieldValueForbidden" | "FieldValueTooLong" | "FieldValueTooMany" | "FieldValueTooFew" | "FieldValueTooShort" | "InternalError"
  | "FieldValueTypeInvalid";

export interface FieldError { readonly type: FieldErrorType; readonly field: string; readonly body: string }

/** In place of a value: "Invalid value: why", without showing it. */
export const OMITTED = Symbol("omitted");

/** One collector for a whole validation; order of calls is order of messages. Paths are "spec.template.spec.containers[0].name". */
export class FieldErrors {
  readonly #found: FieldError[] = [];

  get empty(): boolean { return this.#found.length === 0; }
  get all(): readonly FieldError[] { return this.#found; }
  get count(): number { return this.#found.length; }

  required(field: string, detail = ""): void { this.#add("FieldValueRequired", field, withDetail("Required value", detail)); }
  invalid(field: string, value: unknown, detail = ""): void { this.#add("FieldValueInvalid", field, withDetail(withValue("Invalid value", value), detail)); }
  /** As `invalid`, without showing the value. */
  invalidUnshown(field: string, detail: string): void { this.#add("FieldValueInvalid", field, `Invalid value: ${detail}`); }
  /** Wrong JSON type, in a custom resource. */
  typeInvalid(field: string, value: unknown, detail = ""): void { this.#add("FieldValueTypeInvalid", field, withDetail(withValue("Invalid value", value), detail)); }
  duplicate(field: string, value: unknown, detail = ""): void { this.#add("FieldValueDuplicate", field, withDetail(withValue("Duplicate value", value), detail)); }
  notFound(field: string, value: unknown, detail = ""): void { this.#add("FieldValueNotFound", field, withDetail(withValue("Not found", value), detail)); }
  forbidden(field: string, detail = ""): void { this.#add("FieldValueForbidden", field, withDetail("Forbidden", detail)); }
  /** `allowed` is shown in the order given; the real server sorts it in most places. */
  notSupported(field: string, value: unknown, allowed: readonly string[]): void {
    const detail = allowed.length === 0 ? "" : `supported values: ${allowed.map(goQuoted).join(", ")}`;
    this.#add("FieldValueNotSupported", field, withDetail(withValue("Unsupported value", value), detail));
  }
  tooLong(field: string, lengthMax: number, unit: "byte" | "character" = "byte"): void {
    this.#add("FieldValueTooLong", field, `Too long: may not be more than ${lengthMax} ${unit}${lengthMax === 1 ? "" : "s"}`);
  }
  tooShort(field: string, lengthMin: number): void {
    this.#add("FieldValueTooShort", field, `Too short: must be at least ${lengthMin} character${lengthMin === 1 ? "" : "s"}`);
  }
  /** A negative `countMax`: "has too many items"; a negative `count` isn't shown. */
  tooMany(field: string, count: number, countMax: number): void {
    const detail = countMax < 0 ? "has too many items" : `must have at most ${countMax} item${countMax === 1 ? "" : "s"}`;
    this.#add("FieldValueTooMany", field, withDetail(withValue("Too many", count < 0 ? OMITTED : count), detail));
  }
  internal(field: string, detail: string): void { this.#add("InternalError", field, `Internal error: ${detail}`); }
  /** An empty collector, to try something. */
  another(): FieldErrors { return new FieldErrors(); }
  addAll(other: FieldErrors): void { this.#found.push(...other.#found); }

  /** The 422 of the real server; to be thrown only when there is something. `kind` is the Kind, not the resource. */
  toStatusError(group: string, kind: string, name = ""): StatusError {
    const causes: StatusCause[] = this.#found.map(({ type, field, body }) => ({ reason: type, message: body, field }));
    const qualified = group === "" ? kind : `${kind}.${group}`;
    const unique = [...new Set(this.#found.map(({ field, body }) => `${field}: ${body}`))];
    const list = unique.length === 1 ? unique[0]! : `[${unique.join(", ")}]`;
    const named = name === "" ? {} : { name };
    return new StatusError(422, "Invalid", `${qualified} ${goQuoted(name)} is invalid: ${list}`, { ...named, ...(group === "" ? {} : { group }), ...(kind === "" ? {} : { kind }), causes });
  }

  #add(type: FieldErrorType, field: string, body: string): void { this.#found.push({ type, field, body }); }
}

function withDetail(head: string, detail: string): string {
  return detail === "" ? head : `${head}: ${detail}`;
}
function withValue(head: string, value: unknown): string {
  return value === OMITTED ? head : `${head}: ${shown(value)}`;
}

/** As the real server renders values in field errors: strings quoted, nothing as null, the rest as JSON. */
function shown(value: unknown): string {
  if (typeof value === "string") return goQuoted(value);
  return value === undefined ? "null" : typeof value === "bigint" ? value.toString() : goJson(value);
}

/** Fields that are maps in Go, whose keys it sorts. */
const MAPS: ReadonlySet<string> = new Set([
  "matchLabels", "MatchLabels", "labels", "annotations", "nodeSelector", "limits", "requests", "hard", "parameters", "attributes", "options", "volumeAttributes",
]);

/** JSON as Go writes it: `<`, `>` and `&` escaped, 64-bit integers in full, maps sorted. */
export function goJson(value: unknown): string {
  const text = JSON.stringify(value, (key, each: unknown) => {
    if (typeof each === "bigint") return `\u0000${each}`;
    return MAPS.has(key) && typeof each === "object" && each !== null && !Array.isArray(each) ? sorted(each) : each;
  });
  return text.replace(/"\\u0000(-?\d+)"/g, "$1").replace(/[<>&\u2028\u2029]/g, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** A map, which Go writes by its keys in order. */
export function sorted(map: object): object {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const ESCAPES: { readonly [character: string]: string } = { "\x07": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v", "\"": "\\\"", "\\": "\\\\" };
const PLAIN = /^[ !#-[\]-~]*$/;
const UNPRINTABLE = /["\\]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu;

/** A string in quotes as Go's %q has it. */
export function goQuoted(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  return `"${text.replace(UNPRINTABLE, (each) => {
    const known = ESCAPES[each];
    if (known !== undefined) return known;
    const code = each.codePointAt(0)!;
    if (code < 0x80) return `\\x${code.toString(16).padStart(2, "0")}`;
    return code < 0x10000 ? `\\u${code.toString(16).padStart(4, "0")}` : `\\U${code.toString(16).padStart(8, "0")}`;
  })}"`;
}
