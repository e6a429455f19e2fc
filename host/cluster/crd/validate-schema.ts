/** What makes a schema structural, and its own values valid: types, patterns, lists, defaults, rules. */
import { FieldErrors } from "../api/field-errors.ts";
import type { Json } from "../model.ts";
import { compile, resultType } from "./cel.ts";
import type { JsonSchema, ValidationRule } from "./json-schema.ts";
import { compilePattern, validateValue } from "./validate.ts";

const TYPES = ["array", "boolean", "integer", "number", "object", "string"];

/** The whole schema of a version. `status`: whether the version has that subresource. The real server complains about structure only when nothing else is wrong. */
export function validateSchema(schema: JsonSchema, path: string, status: boolean, errors: FieldErrors): void {
  const own = errors.another();
  structure(schema, path, own, true);
  if (own.empty && schema.type !== "object") {
    if (status) own.invalid(`${path}.type`, schema.type ?? "", 'only "object" is allowed as the type at the root of the schema if the status subresource is enabled');
    own.invalid(`${path}.type`, schema.type ?? "", "must be object at the root");
  }
  if (own.empty) values(schema, path, own);
  errors.addAll(own);
}

function structure(schema: JsonSchema, path: string, errors: FieldErrors, root = false): void {
  const { type, properties, additionalProperties, items } = schema;
  const open = schema["x-kubernetes-preserve-unknown-fields"] === true || schema["x-kubernetes-int-or-string"] === true;
  if (type !== undefined && !TYPES.includes(type)) errors.notSupported(`${path}.type`, type, TYPES);
  else if (type === undefined && !open) {
    errors.required(`${path}.type`, `must not be empty for specified ${root ? "object at the root" : path.endsWith(".items") ? "array items" : "object fields"}`);
  }
  if (properties !== undefined && additionalProperties !== undefined) errors.forbidden(`${path}.additionalProperties`, "additionalProperties and properties are mutual exclusive");
  if ((schema as { uniqueItems?: boolean }).uniqueItems === true) errors.forbidden(`${path}.uniqueItems`, "uniqueItems cannot be set to true since the runtime complexity becomes quadratic");
  if (schema.pattern !== undefined) pattern(schema.pattern, path, errors);
  lists(schema, path, errors);
  for (const [name, member] of Object.entries(properties ?? {})) structure(member, `${path}.properties[${name}]`, errors);
  if (typeof additionalProperties === "object") structure(additionalProperties, `${path}.additionalProperties`, errors);
  if (items !== undefined) structure(items, `${path}.items`, errors);
  else if (type === "array") errors.required(`${path}.items`, "must be specified");
}

function pattern(text: string, path: string, errors: FieldErrors): void {
  try {
    compilePattern(text);
  } catch (error) {
    errors.invalid(`${path}.pattern`, text, `must be a valid regular expression, but isn't: ${(error as Error).message}`);
  }
}

function lists(schema: JsonSchema, path: string, errors: FieldErrors): void {
  const listType = schema["x-kubernetes-list-type"];
  const keys = schema["x-kubernetes-list-map-keys"];
  if (listType !== undefined && !["atomic", "set", "map"].includes(listType)) errors.notSupported(`${path}.x-kubernetes-list-type`, listType, ["atomic", "map", "set"]);
  if (listType !== undefined && schema.type !== "array") errors.invalid(`${path}.type`, schema.type ?? "", "must be array if x-kubernetes-list-type is specified");
  if (listType === "map" && (keys === undefined || keys.length === 0)) errors.required(`${path}.x-kubernetes-list-map-keys`, "must not be empty if x-kubernetes-list-type is map");
  if (listType !== "map" && keys !== undefined && keys.length > 0) errors.required(`${path}.x-kubernetes-list-type`, "must be map if x-kubernetes-list-map-keys is non-empty");
  if (listType === "map" && schema.items?.type !== undefined && schema.items.type !== "object") errors.invalid(`${path}.items.type`, schema.items.type, "must be object if parent array's x-kubernetes-list-type is map");
}

/** Defaults must fit, rules must compile. */
function values(schema: JsonSchema, path: string, errors: FieldErrors): void {
  if (schema.default !== undefined) {
    const own = new FieldErrors();
    validateValue(schema.default, schema, own, "", `${path}.default`);
    errors.addAll(own);
  }
  schema["x-kubernetes-validations"]?.forEach((rule, index) => validateRule(rule, schema, `${path}.x-kubernetes-validations[${index}]`, errors));
  for (const [name, member] of Object.entries(schema.properties ?? {})) values(member, `${path}.properties[${name}]`, errors);
  if (typeof schema.additionalProperties === "object") values(schema.additionalProperties, `${path}.additionalProperties`, errors);
  if (schema.items !== undefined) values(schema.items, `${path}.items`, errors);
}

function validateRule(rule: ValidationRule, scope: JsonSchema, path: string, errors: FieldErrors): void {
  if ((rule.rule ?? "").trim() === "") return errors.required(`${path}.rule`, "rule is not specified");
  const problem = problemOf(rule.rule, "bool", scope, "cel expression must evaluate to a bool");
  if (problem !== undefined) errors.invalid(`${path}.rule`, shown(rule), problem);
  const { messageExpression } = rule;
  if (messageExpression === undefined) return;
  const wrong = problemOf(messageExpression, "string", scope, "messageExpression must evaluate to a string");
  if (wrong !== undefined) errors.invalid(`${path}.messageExpression`, shown(rule), wrong);
}

function problemOf(expression: string, type: string, scope: JsonSchema, wrongType: string): string | undefined {
  try {
    compile(expression);
    return fits(resultType(expression, scope), type) ? undefined : wrongType;
  } catch (error) {
    return `compilation failed: ERROR: ${String((error as Error).message).split("\n")[0]}`;
  }
}

function fits(found: string, type: string): boolean {
  return found === type || found === "dyn";
}

/** As Go prints the internal form of a rule. */
function shown({ rule, message, messageExpression, reason, fieldPath, optionalOldSelf }: ValidationRule): Json {
  return { Rule: rule, Message: message ?? "", MessageExpression: messageExpression ?? "", Reason: reason ?? null, FieldPath: fieldPath ?? "", OptionalOldSelf: optionalOldSelf ?? null };
}
