/**
 * Writes status: only what differs from what the cache shows, at the observed resourceVersion, and nothing at rest.
 *
 * The core says the whole status; the host owns one condition in it, `Stalled`, which tells in words why an object's last
 * pass failed, or why it was blocked or refused by a core that says nothing in the status; it is gone when all is well. A condition keeps its `lastTransitionTime` while its status stays.
 */
import { parseJson } from "../../bindings/protocol/json.ts";
import type { Json, JsonObject, Plan } from "../../bindings/protocol/types.ts";
import { sameValue } from "./apply/compare.ts";
import { ANY_JSON, isObject, type Types, typeNamed } from "./apply/types.ts";
import type { TypeRef } from "../../bindings/protocol/manifest.ts";
import type { CachedObject } from "./contracts.ts";
import type { Declarations } from "./declarations.ts";
import { rfc3339 } from "../values/time.ts";

/** Why an object is stuck: a CamelCase reason and a sentence. */
export interface Stall { readonly reason: string; readonly message: string }

const STALLED = "Stalled";
/** Kubernetes' own bound for a condition's message. */
const MESSAGE_CHARS_MAX = 1024;

/** What status is to become. `leave`: the core said nothing of it (or failed); only `Stalled` is the host's business. */
export interface WantedStatus {
  readonly status: JsonObject | undefined;
  readonly latched: readonly JsonObject[];
  readonly stall: Stall | undefined;
}

export function wantedStatus(plan: Plan | undefined, stall: Stall | undefined): WantedStatus {
  const latched = plan === undefined ? [] : plan.actions.flatMap((action) => (action.type === "latch" ? [action.status] : []));
  return { status: plan?.status, latched, stall };
}

/** The merge patch for `status` that makes it so, or undefined when it is. */
export function statusPatch(declarations: Declarations, primary: CachedObject, wanted: WantedStatus, nowMs: number): JsonObject | undefined {
  const text = primary.text(declarations.primary.projection);
  // At rest, with nothing said about status and no condition of ours, there is no need to look any closer.
  if (wanted.status === undefined && wanted.stall === undefined && !text.includes(`"${STALLED}"`)) return undefined;
  const { types } = declarations.manifest;
  const live = statusOf(parseJson(text));
  const statusType = typeNamed(types, declarations.primary.type)?.fields["status"]?.type ?? ANY_JSON;
  const target = withConditions(wholeStatus(wanted, live), live, wanted.stall, statusType, types, nowMs);
  return difference(target, live, statusType, types);
}

function statusOf(object: Json): JsonObject {
  const status = isObject(object) ? object["status"] : undefined;
  return isObject(status) ? status : {};
}

/** What was latched in this very plan stays, whatever the status says that was computed before it. */
function wholeStatus({ status, latched }: WantedStatus, live: JsonObject): JsonObject {
  if (status === undefined) return live;
  return latched.reduce<JsonObject>((whole, part) => mergePatch(whole, part) as JsonObject, status);
}

export function mergePatch(value: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const merged: JsonObject = isObject(value) ? { ...value } : {};
  for (const [name, part] of Object.entries(patch)) {
    if (part === null) delete merged[name];
    else merged[name] = mergePatch(merged[name], part);
  }
  return merged;
}

function withConditions(
  status: JsonObject, live: JsonObject, stall: Stall | undefined, statusType: TypeRef, types: Types, nowMs: number,
): JsonObject {
  if (!hasConditions(statusType, types)) return status;
  const before = conditionsOf(live);
  const now = rfc3339(nowMs);
  const conditions = conditionsOf(status).filter((condition) => condition["type"] !== STALLED)
    .map((condition) => (status === live ? condition : dated(condition, before, now)));
  if (stall !== undefined) {
    const condition = { type: STALLED, status: "True", reason: stall.reason, message: stall.message.slice(0, MESSAGE_CHARS_MAX).toWellFormed() };
    conditions.push(dated(condition, before, now));
  }
  if (conditions.length > 0 || status["conditions"] !== undefined) return { ...status, conditions };
  return status;
}

/** False when the CRD has no `status.conditions`: then there is no place to say it but the log. */
function hasConditions(statusType: TypeRef, types: Types): boolean {
  return "object" in statusType && typeNamed(types, statusType.object)?.fields["conditions"] !== undefined;
}

function conditionsOf(status: JsonObject): JsonObject[] {
  const { conditions } = status;
  return Array.isArray(conditions) ? conditions.filter(isObject) : [];
}

function dated(condition: JsonObject, before: readonly JsonObject[], now: string): JsonObject {
  const known = before.find((other) => other["type"] === condition["type"]);
  const kept = known !== undefined && known["status"] === condition["status"] ? known["lastTransitionTime"] : undefined;
  return { ...condition, lastTransitionTime: kept ?? condition["lastTransitionTime"] ?? now };
}

/** By top-level field, compared by type; a field that is wanted no more becomes null. */
function difference(target: JsonObject, live: JsonObject, statusType: TypeRef, types: Types): JsonObject | undefined {
  const def = "object" in statusType ? typeNamed(types, statusType.object) : undefined;
  const patch: JsonObject = {};
  for (const [name, value] of Object.entries(target)) {
    if (sameValue(value, live[name], def?.fields[name]?.type ?? ANY_JSON, types)) continue;
    patch[name] = isObject(value) ? replacing(value, live[name]) : value;
  }
  for (const name of Object.keys(live)) if (!Object.hasOwn(target, name)) patch[name] = null;
  return Object.keys(patch).length === 0 ? undefined : patch;
}

/** A merge patch merges objects: members that are to go must be named. */
function replacing(value: JsonObject, live: Json | undefined): JsonObject {
  const patch: JsonObject = {};
  for (const [name, member] of Object.entries(value)) {
    patch[name] = isObject(member) ? replacing(member, isObject(live) ? live[name] : undefined) : member;
  }
  if (isObject(live)) for (const name of Object.keys(live)) if (!Object.hasOwn(value, name)) patch[name] = null;
  return patch;
}
