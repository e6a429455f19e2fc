/**
 * The options of a deletion: from the body, or where there is none, from the query.
 */
import type { HttpCall } from "../../platform/http.ts";
import type { Json, JsonObject } from "../model.ts";
import { DecodeError, decodeValue } from "../schema/decode.ts";
import { BUILTIN_TYPES } from "../schema/facts.ts";
import { messageToJson, openEnvelope, ProtobufError } from "../schema/protobuf.ts";
import { bodyMedia, bodyText, parseText } from "./body.ts";
import type { DeleteRequest } from "./delete.ts";
import { FieldErrors } from "./field-errors.ts";
import { checkDryRun } from "./options.ts";
import type { Query } from "./query.ts";
import type { Kernel } from "./scope.ts";
import { badRequest } from "./status-error.ts";

const PROPAGATIONS = ["Foreground", "Background", "Orphan"];

interface Options {
  gracePeriodSeconds?: number;
  propagationPolicy?: string;
  orphanDependents?: boolean;
  dryRun?: string[];
  preconditions?: { uid?: string; resourceVersion?: string };
}

export function deleteOptions(kernel: Kernel, call: HttpCall, query: Query): DeleteRequest & { readonly dryRun: boolean } {
  return checkedDeleteOptions(call.body.length === 0 ? fromQuery(query) : fromBody(kernel, call));
}

/** `value`: a DeleteOptions object, as an Eviction has one. */
export function checkedDeleteOptions(value: JsonObject): DeleteRequest & { readonly dryRun: boolean } {
  const options = value as Options;
  const errors = new FieldErrors();
  const { propagationPolicy, orphanDependents, preconditions } = options;
  if (orphanDependents !== undefined && propagationPolicy !== undefined) errors.invalid("propagationPolicy", propagationPolicy, "orphanDependents and deletionPropagation cannot be both set");
  if (propagationPolicy !== undefined && !PROPAGATIONS.includes(propagationPolicy)) errors.notSupported("propagationPolicy", propagationPolicy, [...PROPAGATIONS, "nil"]);
  const dryRun = checkDryRun(options.dryRun ?? [], errors);
  if (!errors.empty) throw errors.toStatusError("meta.k8s.io", "DeleteOptions", "");
  return {
    gracePeriodSeconds: options.gracePeriodSeconds, propagation: propagationPolicy as DeleteRequest["propagation"], orphanDependents, dryRun,
    uid: preconditions?.uid, resourceVersion: preconditions?.resourceVersion,
  };
}

function fromQuery(query: Query): JsonObject {
  if (query.isEmpty) return {};
  const options: { [field: string]: Json } = {};
  const grace = query.integer("gracePeriodSeconds");
  const orphan = query.optionalFlag("orphanDependents");
  if (grace !== undefined) options["gracePeriodSeconds"] = grace;
  if (orphan !== undefined) options["orphanDependents"] = orphan;
  if (query.has("propagationPolicy")) options["propagationPolicy"] = query.text("propagationPolicy");
  if (query.has("dryRun")) options["dryRun"] = [...query.all("dryRun")];
  return options;
}

const TYPE_META = 'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

function fromBody(kernel: Kernel, call: HttpCall): JsonObject {
  const media = bodyMedia(kernel, call.headers["content-type"]);
  if (media === "protobuf") return fromProtobuf(call.body);
  const text = bodyText(kernel, call);
  const { value, odd } = parseText(kernel, media, text, (why) => badRequest(`couldn't get version/kind; json parse error: ${why}`));
  if (value === null) return {};
  if (typeof value !== "object" || Array.isArray(value)) throw badRequest(`couldn't get version/kind; json parse error: json: cannot unmarshal ${Array.isArray(value) ? "array" : typeof value} into Go value of type ${TYPE_META}`);
  const { kind, apiVersion } = value;
  if (typeof kind === "string" && kind !== "" && kind !== "DeleteOptions") throw badRequest(`no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(typeof apiVersion === "string" && apiVersion !== "" ? apiVersion : "meta.k8s.io/v1")} in scheme "pkg/runtime/scheme.go:111"`);
  try {
    return decodeValue(value, BUILTIN_TYPES, "DeleteOptions", odd);
  } catch (error) {
    if (error instanceof DecodeError) throw badRequest(error.message);
    throw error;
  }
}

function fromProtobuf(body: Uint8Array): JsonObject {
  try {
    return messageToJson(openEnvelope(body).message, BUILTIN_TYPES, "DeleteOptions");
  } catch (error) {
    if (error instanceof ProtobufError) throw badRequest(error.message);
    throw error;
  }
}
