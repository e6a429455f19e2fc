/**
 * The rules of a custom resource: all of them come from its definition.
 */
import type { FieldErrors } from "../api/field-errors.ts";
import { subdomainName } from "../api/names.ts";
import { goTypeName, goValue } from "../merge/go-text.ts";
import { validateMetadata } from "../api/validate-metadata.ts";
import type { Strategy, StrategyContext } from "../kinds/kind.ts";
import type { ClusterObject, Json, JsonObject } from "../model.ts";
import { type CelRules, validateRules } from "./cel.ts";
import { isRecord, type JsonSchema } from "./json-schema.ts";
import { validateLists } from "./lists.ts";
import { deepEqual } from "./equal.ts";
import { withDefaults } from "./shape.ts";
import { validateValue } from "./validate.ts";
import type { ScalePaths } from "../kinds/kind.ts";

export interface CustomRules {
  readonly schema: JsonSchema;
  readonly cel: CelRules | undefined;
  readonly namespaced: boolean;
  readonly status: boolean;
  readonly scale: ScalePaths | undefined;
}

/** Failures after which the rules in CEL are not tried. */
const BLOCKING = new Set(["FieldValueNotSupported", "FieldValueRequired", "FieldValueTooLong", "FieldValueTooMany", "FieldValueTypeInvalid"]);
const UNTRIED = "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation";

export function customStrategy(rules: CustomRules): Strategy {
  const { schema, status } = rules;
  return {
    unconditionalUpdate: false,
    createOnUpdate: false,
    setDefaults(object) {
      const filled = withDefaults(object as unknown as JsonObject, schema) as JsonObject;
      for (const [name, member] of Object.entries(filled)) if (name !== "metadata" && name !== "apiVersion" && name !== "kind") object[name] = member;
    },
    prepareForCreate(object) {
      if (status) delete object["status"];
      object.metadata.generation = 1;
    },
    prepareForUpdate(object, old, { subresource }) {
      if (subresource === "status" && status) return onlyStatus(object, old);
      if (status) take(object, old, "status");
      if (!sameSpec(object, old, status)) object.metadata.generation = (old.metadata.generation ?? 0) + 1;
    },
    validate(object, errors) {
      validateMetadata(object.metadata, rules.namespaced, subdomainName, errors);
      validateValue(object as unknown as JsonObject, schema, errors);
      validateScale(object, rules.scale, errors);
      finish(rules, object, undefined, errors);
    },
    validateUpdate(object, old, errors, { subresource }: StrategyContext) {
      if (subresource === "status") validateStatus(rules, object, old, errors);
      else {
        validateValue(object as unknown as JsonObject, schema, errors, "", "", old as unknown as JsonObject);
        validateScale(object, rules.scale, errors);
      }
      finish(rules, object, old, errors);
    },
  };
}

function validateStatus({ schema, scale }: CustomRules, object: ClusterObject, old: ClusterObject, errors: FieldErrors): void {
  const statusSchema = schema.properties?.["status"];
  if (statusSchema !== undefined && object["status"] !== undefined) validateValue(object["status"] as Json, statusSchema, errors, "", "status", old["status"] as Json | undefined);
  validateScale(object, scale, errors);
}

/** What the real server checks once the value itself is checked. */
function finish({ schema, cel }: CustomRules, object: ClusterObject, old: ClusterObject | undefined, errors: FieldErrors): void {
  const json = object as unknown as JsonObject;
  validateLists(json, schema, errors, "", old as unknown as JsonObject | undefined);
  if (cel === undefined) return;
  if (errors.all.some(({ type }) => BLOCKING.has(type))) errors.invalid("<nil>", null, UNTRIED);
  else validateRules(cel, json, old as unknown as JsonObject | undefined, errors);
}

function onlyStatus(object: ClusterObject, old: ClusterObject): void {
  for (const name of new Set([...Object.keys(object), ...Object.keys(old)])) {
    if (name !== "status" && name !== "metadata" && name !== "apiVersion" && name !== "kind") take(object, old, name);
  }
  const { managedFields } = object.metadata;
  object.metadata = { ...old.metadata, ...(object.metadata.resourceVersion === undefined ? {} : { resourceVersion: object.metadata.resourceVersion }) };
  if (managedFields === undefined) delete object.metadata.managedFields;
  else object.metadata.managedFields = managedFields;
}

function take(object: ClusterObject, old: ClusterObject, field: string): void {
  if (old[field] === undefined) delete object[field];
  else object[field] = old[field];
}

function sameSpec(object: ClusterObject, old: ClusterObject, status: boolean): boolean {
  const rest = ({ metadata: _metadata, apiVersion: _apiVersion, kind: _kind, ...more }: ClusterObject): JsonObject => {
    if (status) delete more["status"];
    return more as JsonObject;
  };
  return deepEqual(rest(object), rest(old));
}

const INT32_MAX = 2_147_483_647;

/** The paths of the scale subresource must lead to whole numbers, where they lead anywhere. */
function validateScale(object: ClusterObject, scale: ScalePaths | undefined, errors: FieldErrors): void {
  if (scale === undefined) return;
  for (const path of [scale.specReplicas, scale.statusReplicas]) {
    const found = numberAt(object as unknown as JsonObject, path);
    if (found === undefined) continue;
    if (typeof found === "string") errors.invalid(path, 0, `${path} accessor error: ${found}`);
    else if (found < 0) errors.invalid(path, found, "should be a non-negative integer");
    else if (found > INT32_MAX) errors.invalid(path, found, `should be less than or equal to ${INT32_MAX}`);
  }
}

/** The number at a path like ".spec.replicas"; a string says what stands in the way, undefined that nothing is there. */
function numberAt(object: JsonObject, path: string): number | bigint | string | undefined {
  let at: Json = object;
  for (const name of path.slice(1).split(".")) {
    if (!isRecord(at)) return `${goValue(at)} is of the type ${goTypeName(at)}, expected map[string]interface{}`;
    if (!Object.hasOwn(at, name)) return undefined;
    at = at[name]!;
  }
  return typeof at === "bigint" || (typeof at === "number" && Number.isInteger(at)) ? at : `${goValue(at)} is of the type ${goTypeName(at)}, expected int64`;
}

/** Whether the object is one at all: needed before anything of it is read. */
export function isObjectBody(value: Json): value is JsonObject {
  return isRecord(value);
}
