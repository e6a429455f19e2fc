/**
 * Values against the schema of their custom resource, in the words of the real API server (kube-openapi's validator).
 *
 * Value validations under allOf, anyOf, oneOf and not are schemas too, without types of their own.
 */
import type { FieldErrors } from "../api/field-errors.ts";
import type { Json, JsonObject } from "../model.ts";
import { deepEqual } from "./equal.ts";
import { formatHolds } from "./formats.ts";
import { isRecord, type JsonSchema, memberPath, memberSchema } from "./json-schema.ts";

/** What the real server says where a message has no field of its own. */
const NOWHERE = "<nil>";

/**
 * Validates `value` at `path`. `prefix` stands before it in the field of an error, but not in its words: the status
 * subresource validates the status by itself. With `old`, what an update leaves as it was passes: a schema that became stricter
 * does not stop every other change.
 */
export function validateValue(value: Json, schema: JsonSchema, errors: FieldErrors, path = "", prefix = "", old?: Json): void {
  new Check(errors, prefix).value(value, schema, path, old);
}

class Check {
  readonly #errors: FieldErrors;
  readonly #prefix: string;

  constructor(errors: FieldErrors, prefix: string) {
    this.#errors = errors;
    this.#prefix = prefix;
  }

  value(value: Json, schema: JsonSchema, path: string, old?: Json): void {
    if (value === null && schema.nullable === true) return;
    if (old !== undefined && deepEqual(value, old)) return;
    if (!this.#type(value, schema, path)) return;
    this.#combined(value, schema, path);
    this.#enum(value, schema, path);
    if (typeof value === "string") this.#string(value, schema, path);
    else if (typeof value === "number" || typeof value === "bigint") this.#number(value, schema, path);
    else if (Array.isArray(value)) this.#array(value, schema, path, old);
    else if (isRecord(value)) this.#object(value, schema, path, old);
  }

  /** False when the type is wrong: nothing else is said then. */
  #type(value: Json, schema: JsonSchema, path: string): boolean {
    const intOrString = schema["x-kubernetes-int-or-string"] === true;
    const wanted = intOrString ? ["integer", "string"] : schema.type === undefined ? [] : [schema.type];
    const found = typeOf(value);
    if (wanted.length > 0 && !wanted.includes(found) && !(found === "integer" && wanted.includes("number"))) {
      this.#errors.typeInvalid(this.#at(path), found, `${path} in body must be of type ${wanted.join(",")}: ${JSON.stringify(found)}`);
      if (found === "number" && schema.type === "integer") this.#errors.invalid(NOWHERE, "", `Checked value must be of type integer (default format) in ${path}`);
      return false;
    }
    if (typeof value === "string" && schema.format !== undefined && schema.type === "string" && !formatHolds(schema.format, value)) {
      this.#errors.typeInvalid(this.#at(path), value, `${path} in body must be of type ${schema.format}: ${JSON.stringify(value)}`);
      return true;
    }
    return true;
  }

  #enum(value: Json, { enum: allowed }: JsonSchema, path: string): void {
    if (allowed === undefined || allowed.some((each) => same(each, value))) return;
    this.#errors.notSupported(this.#at(path), value, allowed.map((each) => (typeof each === "string" ? each : JSON.stringify(each))));
  }

  #string(value: string, schema: JsonSchema, path: string): void {
    const length = [...value].length;
    if (schema.maxLength !== undefined && length > schema.maxLength) this.#errors.tooLong(this.#at(path), schema.maxLength);
    else if (schema.minLength !== undefined && length < schema.minLength) this.#errors.invalid(this.#at(path), value, `${path} in body should be at least ${schema.minLength} chars long`);
    else if (schema.pattern !== undefined && !matches(schema.pattern, value)) this.#errors.invalid(this.#at(path), value, `${path} in body should match '${schema.pattern}'`);
  }

  #number(value: number | bigint, schema: JsonSchema, path: string): void {
    const { minimum, maximum, multipleOf, format } = schema;
    const whole = typeof value === "bigint" || Number.isInteger(value);
    if (format === "int32" && whole && (value > 2_147_483_647 || value < -2_147_483_648)) {
      return this.#errors.invalid(NOWHERE, "", `Checked value must be of type ${schema.type ?? "integer"} with format int32 in ${path}`);
    }
    if (multipleOf !== undefined) {
      // The real server converts the factor to the value's own type: 0.5 becomes the integer 0.
      const factor = whole ? Math.trunc(multipleOf) : multipleOf;
      if (factor <= 0) this.#errors.invalid(this.#at(path), factor, `factor MultipleOf declared for ${path} must be positive: ${factor}`);
      else if (!isMultiple(Number(value), factor)) this.#errors.invalid(this.#at(path), value, `${path} in body should be a multiple of ${multipleOf}`);
    }
    if (maximum !== undefined && (schema.exclusiveMaximum === true ? value >= maximum : value > maximum)) {
      this.#errors.invalid(this.#at(path), value, `${path} in body should be less than ${schema.exclusiveMaximum === true ? "" : "or equal to "}${maximum}`);
    }
    if (minimum !== undefined && (schema.exclusiveMinimum === true ? value <= minimum : value < minimum)) {
      this.#errors.invalid(this.#at(path), value, `${path} in body should be greater than ${schema.exclusiveMinimum === true ? "" : "or equal to "}${minimum}`);
    }
  }

  #array(items: readonly Json[], schema: JsonSchema, path: string, old: Json | undefined): void {
    if (schema.minItems !== undefined && items.length < schema.minItems) this.#errors.invalid(this.#at(path), items.length, `${path} in body should have at least ${schema.minItems} items`);
    if (schema.maxItems !== undefined && items.length > schema.maxItems) this.#errors.tooMany(this.#at(path), items.length, schema.maxItems);
    if (schema.items !== undefined) items.forEach((item, index) => this.value(item, schema.items!, `${path}[${index}]`, counterpart(item, schema, old)));
  }

  #object(object: JsonObject, schema: JsonSchema, path: string, old: Json | undefined): void {
    const count = Object.keys(object).length;
    if (schema.minProperties !== undefined && count < schema.minProperties) this.#errors.invalid(this.#at(path), count, `${path} in body should have at least ${schema.minProperties} properties`);
    if (schema.maxProperties !== undefined && count > schema.maxProperties) this.#errors.tooMany(this.#at(path), count, schema.maxProperties);
    for (const name of schema.required ?? []) {
      if (!Object.hasOwn(object, name)) this.#errors.required(this.#at(memberPath(path, name)));
    }
    for (const [name, member] of Object.entries(object)) {
      const known = memberSchema(schema, name);
      if (known !== undefined) this.value(member, known, memberPath(path, name), isRecord(old) && Object.hasOwn(old, name) ? old[name] : undefined);
    }
  }

  #combined(value: Json, { allOf, anyOf, oneOf, not }: JsonSchema, path: string): void {
    const quoted = JSON.stringify(path);
    if (anyOf !== undefined) {
      const failures = anyOf.map((each) => this.#tried(value, each, path));
      if (!failures.some(({ empty }) => empty)) {
        this.#errors.invalid(NOWHERE, "", `${quoted} must validate at least one schema (anyOf)`);
        this.#errors.addAll(leastFailed(failures));
      }
    }
    if (oneOf !== undefined) {
      const failures = oneOf.map((each) => this.#tried(value, each, path));
      const valid = failures.filter(({ empty }) => empty).length;
      if (valid !== 1) {
        this.#errors.invalid(NOWHERE, "", `${quoted} must validate one and only one schema (oneOf). ${valid === 0 ? "Found none valid" : `Found ${valid} valid alternatives`}`);
        if (valid === 0) this.#errors.addAll(leastFailed(failures));
      }
    }
    for (const each of allOf ?? []) this.value(value, each, path);
    if (not !== undefined && this.#tried(value, not, path).empty) this.#errors.invalid(NOWHERE, "", `${quoted} must not validate the schema (not)`);
  }

  #tried(value: Json, schema: JsonSchema, path: string): FieldErrors {
    const errors = this.#errors.another();
    new Check(errors, this.#prefix).value(value, schema, path);
    return errors;
  }

  #at(path: string): string {
    return this.#prefix === "" ? path : path.startsWith("[") || path === "" ? `${this.#prefix}${path}` : `${this.#prefix}.${path}`;
  }
}

/** The item of the same keys in the list before; items of other lists have no identity. */
function counterpart(item: Json, schema: JsonSchema, old: Json | undefined): Json | undefined {
  const keys = schema["x-kubernetes-list-map-keys"];
  if (keys === undefined || !Array.isArray(old) || !isRecord(item)) return undefined;
  return old.find((each) => isRecord(each) && keys.every((key) => deepEqual(each[key], item[key])));
}

/** Of alternatives that all failed, the first of those that came nearest. */
function leastFailed(failures: readonly FieldErrors[]): FieldErrors {
  return failures.reduce((best, each) => (each.all.length < best.all.length ? each : best));
}

function typeOf(value: Json): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value === "bigint" ? "integer" : typeof value;
}

function same(a: Json, b: Json): boolean {
  if (a === b) return true;
  return typeof a === "object" && typeof b === "object" && JSON.stringify(a) === JSON.stringify(b);
}

function isMultiple(value: number, factor: number): boolean {
  const times = value / factor;
  return Number.isInteger(times);
}

const PATTERNS = new Map<string, RegExp>();

/** Go's expressions are RE2's: nearly all of them mean the same in JavaScript's unicode mode. */
export function compilePattern(pattern: string): RegExp {
  let compiled = PATTERNS.get(pattern);
  if (compiled === undefined) {
    if (PATTERNS.size > 1000) PATTERNS.clear();
    const flags = /^\(\?([is]+)\)/.exec(pattern);
    const source = (flags === null ? pattern : pattern.slice(flags[0].length)).replaceAll("(?P<", "(?<").replaceAll("\\A", "^").replaceAll("\\z", "$");
    const options = flags?.[1] ?? "";
    compiled = withFlags(source, options);
    PATTERNS.set(pattern, compiled);
  }
  return compiled;
}

function withFlags(source: string, options: string): RegExp {
  try {
    return new RegExp(source, `u${options}`);
  } catch {
    // Escapes of characters that need none are errors in unicode mode only.
    return new RegExp(source, options);
  }
}

function matches(pattern: string, value: string): boolean {
  try {
    return compilePattern(pattern).test(value);
  } catch {
    return false;
  }
}
