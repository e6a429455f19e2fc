/**
 * Collects what is wrong with an object, field by field, in the words and the order of the real API server
 * (k8s.io/apimachinery/pkg/util/validation/field).
 */
import type { Json } from "../model.ts";
import { StatusError, type StatusCause } from "./status-error.ts";

export type FieldErrorType =
  | "FieldValueNotFound" | "FieldValueRequired" | "FieldValueDuplicate" | "FieldValueInvalid" | "FieldValueNotSupported"
  | "FieldValueForbidden" | "FieldValueTooLong" | "FieldValueTooMany" | "InternalError" | "FieldValueTypeInvalid";

export interface FieldError { readonly type: FieldErrorType; readonly field: string; readonly body: string }

/** One collector for a whole validation; order of calls is order of messages. Paths are "spec.template.spec.containers[0].name". */
export class FieldErrors {
  readonly #found: FieldError[] = [];

  get empty(): boolean { return this.#found.length === 0; }
  get all(): readonly FieldError[] { return this.#found; }

  required(field: string, detail = ""): void { this.#add("FieldValueRequired", field, withDetail("Required value", detail)); }
  invalid(field: string, value: Json | undefined, detail = ""): void {
    this.#add("FieldValueInvalid", field, withDetail(`Invalid value: ${shown(value)}`, detail));
  }
  /** Wrong JSON type, in a custom resource. */
  typeInvalid(field: string, value: Json | undefined, detail = ""): void {
    this.#add("FieldValueTypeInvalid", field, withDetail(`Invalid value: ${shown(value)}`, detail));
  }
  duplicate(field: string, value: Json): void { this.#add("FieldValueDuplicate", field, `Duplicate value: ${shown(value)}`); }
  notFound(field: string, value: Json): void { this.#add("FieldValueNotFound", field, `Not found: ${shown(value)}`); }
  forbidden(field: string, detail = ""): void { this.#add("FieldValueForbidden", field, withDetail("Forbidden", detail)); }
  /** `allowed` is shown in the order given; the real server sorts it in most places. */
  notSupported(field: string, value: Json | undefined, allowed: readonly string[]): void {
    const detail = allowed.length === 0 ? "" : `supported values: ${allowed.map((each) => JSON.stringify(each)).join(", ")}`;
    this.#add("FieldValueNotSupported", field, withDetail(`Unsupported value: ${shown(value)}`, detail));
  }
  tooLong(field: string, lengthMax: number): void {
    this.#add("FieldValueTooLong", field, `Too long: may not be more than ${lengthMax} bytes`);
  }
  tooMany(field: string, count: number, countMax: number): void {
    this.#add("FieldValueTooMany", field, `Too many: ${count}: must have at most ${countMax} items`);
  }
  internal(field: string, detail: string): void { this.#add("InternalError", field, `Internal error: ${detail}`); }
  addAll(other: FieldErrors): void { this.#found.push(...other.#found); }

  /** The 422 of the real server; to be thrown only when there is something. `kind` is the Kind, not the resource. */
  toStatusError(group: string, kind: string, name: string): StatusError {
    const causes: StatusCause[] = this.#found.map(({ type, field, body }) => ({ reason: type, message: body, field }));
    const qualified = group === "" ? kind : `${kind}.${group}`;
    const unique = [...new Set(this.#found.map(({ field, body }) => `${field}: ${body}`))];
    const list = unique.length === 1 ? unique[0]! : `[${unique.join(", ")}]`;
    return new StatusError(422, "Invalid", `${qualified} ${JSON.stringify(name)} is invalid: ${list}`, { name, ...(group === "" ? {} : { group }), kind, causes });
  }

  #add(type: FieldErrorType, field: string, body: string): void { this.#found.push({ type, field, body }); }
}

function withDetail(head: string, detail: string): string {
  return detail === "" ? head : `${head}: ${detail}`;
}

/** As Go's %#v-like rendering in field errors: strings quoted, objects as JSON, nothing as null. */
function shown(value: Json | undefined): string {
  return value === undefined ? "null" : typeof value === "bigint" ? value.toString() : JSON.stringify(value);
}
