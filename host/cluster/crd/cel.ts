/**
 * The validation rules of a schema (x-kubernetes-validations), in CEL: compiled once for a definition, run on each write.
 */
import type { Environment } from "@marcbachmann/cel-js";
import type { FieldErrors } from "../api/field-errors.ts";
import type { Json, JsonObject } from "../model.ts";
import { celEnvironment, celValue } from "./cel-environment.ts";
import { deepEqual } from "./equal.ts";
import { isRecord, type JsonSchema, memberPath, memberSchema, type ValidationRule } from "./json-schema.ts";

type Program = (context: { self: unknown; oldSelf?: unknown }) => unknown;

interface CompiledRule { readonly rule: ValidationRule; readonly test: Program; readonly message: Program | undefined; readonly transition: boolean }

/** The rules at one place of a schema and beneath it. Places without any are left out. */
export interface CelRules {
  readonly schema: JsonSchema;
  readonly here: readonly CompiledRule[];
  readonly members: ReadonlyMap<string, CelRules>;
  readonly others: CelRules | undefined;
  readonly items: CelRules | undefined;
}

/** Undefined when the schema has no rules at all. Throws what `compile` throws; a definition was validated before. */
export function compileRules(schema: JsonSchema): CelRules | undefined {
  const members = new Map<string, CelRules>();
  for (const [name, member] of Object.entries(schema.properties ?? {})) {
    const found = compileRules(member);
    if (found !== undefined) members.set(name, found);
  }
  const others = typeof schema.additionalProperties === "object" ? compileRules(schema.additionalProperties) : undefined;
  const items = schema.items === undefined ? undefined : compileRules(schema.items);
  const rules = schema["x-kubernetes-validations"] ?? [];
  if (rules.length === 0 && members.size === 0 && others === undefined && items === undefined) return undefined;
  const here = rules.map((rule) => ({ rule, test: compile(rule.rule), message: rule.messageExpression === undefined ? undefined : compile(rule.messageExpression), transition: /\boldSelf\b/.test(rule.rule) }));
  return { schema, here, members, others, items };
}

let environment: Environment | undefined;

/** Throws an Error whose message says what is wrong with the expression. */
export function compile(expression: string): Program {
  environment ??= celEnvironment();
  const program = environment.parse(expression);
  const checked = program.check();
  if (!checked.valid) throw checked.error ?? new Error("the expression has the wrong types");
  return program as unknown as Program;
}

/** The type of an expression's result ("bool", "string", "dyn" where only a run can tell), by the schema of `self`. Throws like `compile`. */
export function resultType(expression: string, scope: JsonSchema): string {
  environment ??= celEnvironment();
  const program = environment.parse(expression);
  const checked = program.check();
  if (!checked.valid) throw checked.error ?? new Error("the expression has the wrong types");
  const found = String(checked.type);
  return found === "dyn" ? schemaType(program.ast as unknown as Node, scope) : found;
}

interface Node { readonly op: string; readonly args: unknown }

const CEL_TYPES: { readonly [type: string]: string } = { string: "string", boolean: "bool", integer: "int", number: "double", object: "map", array: "list" };

/** Follows `self.a.b` through the schema; throws for a field that isn't there, as a compiler does. */
function schemaType(node: Node, scope: JsonSchema): string {
  const found = schemaOf(node, scope);
  return found?.type === undefined || found["x-kubernetes-int-or-string"] === true ? "dyn" : CEL_TYPES[found.type]!;
}

function schemaOf({ op, args }: Node, scope: JsonSchema): JsonSchema | undefined {
  if (op === "id") return args === "self" || args === "oldSelf" ? scope : undefined;
  if (op !== ".") return undefined;
  const [inner, name] = args as [Node, string];
  const of = schemaOf(inner, scope);
  if (of?.properties === undefined || of["x-kubernetes-preserve-unknown-fields"] === true) return undefined;
  const member = memberSchema(of, name);
  if (member === undefined) throw new Error(`undefined field '${name}'`);
  return member;
}

/** Outermost rules first, in the order in which the schema lists them. `old`: undefined on create. */
export function validateRules(rules: CelRules, value: Json, old: Json | undefined, errors: FieldErrors, path = ""): void {
  const unchanged = old !== undefined && deepEqual(value, old);
  for (const rule of rules.here) {
    if (rule.transition ? old === undefined && rule.rule.optionalOldSelf !== true : unchanged) continue;
    tryRule(rule, rules.schema, value, old, errors, path);
  }
  if (Array.isArray(value)) {
    if (rules.items !== undefined) value.forEach((item, index) => validateRules(rules.items!, item, counterpart(item, rules.schema, old), errors, `${path}[${index}]`));
  } else if (isRecord(value)) {
    for (const [name, member] of Object.entries(value)) {
      const inner = rules.members.get(name) ?? (memberSchema(rules.schema, name) === rules.schema.additionalProperties ? rules.others : undefined);
      if (inner !== undefined && member !== null) validateRules(inner, member, isRecord(old) && Object.hasOwn(old, name) ? old[name] : undefined, errors, memberPath(path, name));
    }
  }
}

function tryRule({ rule, test, message }: CompiledRule, schema: JsonSchema, value: Json, old: Json | undefined, errors: FieldErrors, path: string): void {
  const context = { self: celValue(value, schema), ...(old === undefined ? {} : { oldSelf: celValue(old, schema) }) };
  const field = rule.fieldPath === undefined ? path : `${path}${rule.fieldPath}`.replace(/^\./, "");
  let holds: unknown;
  try {
    holds = test(context);
  } catch (error) {
    return errors.invalid(path, typeName(value), `${firstLine(error)} evaluating rule: ${rule.message ?? rule.rule}`);
  }
  if (holds === true) return;
  const words = said(message, context) ?? rule.message ?? `failed rule: ${rule.rule}`;
  switch (rule.reason) {
    case "FieldValueForbidden": return errors.forbidden(field, words);
    case "FieldValueRequired": return errors.required(field, words);
    case "FieldValueDuplicate": return errors.duplicate(field, value);
    default:
      // The real server shows scalars only.
      if (typeof value === "object") errors.invalidUnshown(field, words);
      else errors.invalid(field, value, words);
  }
}

/** Undefined when the expression fails, or gives no line of text. */
function said(message: Program | undefined, context: { self: unknown }): string | undefined {
  if (message === undefined) return undefined;
  try {
    const text = message(context);
    return typeof text === "string" && text.trim() !== "" && !text.includes("\n") ? text.trim() : undefined;
  } catch {
    return undefined;
  }
}

/** The library begins with a capital letter, cel-go does not; the rest is a picture of the place. */
function firstLine(error: unknown): string {
  const line = String((error as Error).message).split("\n")[0]!;
  return line.charAt(0).toLowerCase() + line.slice(1);
}

function typeName(value: Json): string {
  if (Array.isArray(value)) return "array";
  if (typeof value === "number" || typeof value === "bigint") return Number.isInteger(Number(value)) ? "integer" : "number";
  return typeof value;
}

function counterpart(item: Json, schema: JsonSchema, old: Json | undefined): Json | undefined {
  const keys = schema["x-kubernetes-list-map-keys"];
  if (keys === undefined || !Array.isArray(old) || !isRecord(item)) return undefined;
  return old.find((each) => isRecord(each) && keys.every((key) => deepEqual(each[key], (item as JsonObject)[key])));
}
