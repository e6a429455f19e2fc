/**
 * apiVersion and kind of a body: what the client says that it sends, what the server takes it for, and the refusals when
 * that is not what was asked for.
 */
import { StatusError, badRequest } from "../api/status-error.ts";
import { FieldErrors } from "../api/field-errors.ts";
import { apiVersionOf, groupVersionOf, type Json } from "../model.ts";
import { BUILTIN_KINDS, isRegistered } from "./facts.ts";
import { goQuote } from "./go-json.ts";
import { isObject, kindOf } from "./json-values.ts";
import type { DecodableKind } from "./decode.ts";

/** How the real server names the place that lists its kinds. */
const SCHEME = "pkg/runtime/scheme.go:111";
/** Go prints the type that it could not read into. */
const TYPE_META = 'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

/** A request whose body can't even be seen to be of a kind. The message shows the body's beginning. */
export function unrecognized(kind: string, why: string, body: string | Uint8Array): StatusError {
  return badRequest(`the object provided is unrecognized (must be of type ${kind}): ${why} (${summary(body)})`);
}

const SUMMARY_BYTES = 30;

function summary(body: string | Uint8Array): string {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  if (bytes.length === 0) return "<empty>";
  const head = bytes.subarray(0, SUMMARY_BYTES);
  const shown = head[0] === 0x7b ? new TextDecoder().decode(head) : Array.from(head, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return bytes.length > SUMMARY_BYTES ? `${shown} ...` : shown;
}

/**
 * Says what a body is, or throws the 400 that it deserves: it is no object, its apiVersion or kind are no text, or it is of
 * another kind than `expected`. Missing ones are taken to be right, except in a custom resource.
 */
export function checkTypeMeta(body: Json, expected: DecodableKind, text: string): void {
  const { said, group, version } = read(body, (why) => unrecognized(expected.kind, why, text));
  if (expected.custom) return checkCustom(said, [group, version], body, expected, text);
  const kind = said.kind === "" ? expected.kind : said.kind;
  const defaulted = version === "" && (group === "" || group === expected.group);
  const actual = defaulted ? { group: expected.group, version: expected.version, kind } : { group, version, kind };
  if (actual.version === "") throw mismatch(actual, expected, `Object 'apiVersion' is missing in '${text}'`);
  if (actual.group === expected.group && actual.version === expected.version && kind === expected.kind) return;
  const why = otherKind(actual, expected);
  if (why === undefined) throw versionMismatch(apiVersionOf(actual.group, actual.version), expected);
  throw mismatch(actual, expected, why);
}

/** Why the kind that a patch made of an object isn't one. "internal": it is the server's own, none of whose fields JSON has. */
export function patchedTypeMeta(body: Json, expected: DecodableKind): string | undefined {
  try {
    const { said, group, version } = read(body, (why) => new Error(why));
    if (group === expected.group && (version === "" || version === "__internal") || (group === "" && version === "")) return "internal";
    const kind = said.kind === "" ? expected.kind : said.kind;
    return group === expected.group && version === expected.version && kind === expected.kind ? undefined : otherKind({ group, version, kind }, expected);
  } catch (error) {
    return (error as Error).message;
  }
}

/** Undefined: another version of the same. */
function otherKind({ group, version, kind }: { group: string; version: string; kind: string }, expected: DecodableKind): string | undefined {
  const named = version === "__internal" ? `the internal version of group ${goQuote(group)}` : `version ${goQuote(apiVersionOf(group, version))}`;
  if (!isKnownTo(expected.group, group, version, kind)) return `no kind ${goQuote(kind)} is registered for ${named} in scheme "${SCHEME}"`;
  const [internal, wanted] = [internalType(group, kind), internalType(expected.group, expected.kind)];
  return internal === wanted ? undefined : `converting (${version}.${kind}) to (${wanted}): unknown conversion`;
}

/** These two groups are served by servers of their own, in front of and behind the main one, which know only their own kinds. */
const APART = new Set(["apiextensions.k8s.io", "apiregistration.k8s.io"]);

function isKnownTo(expectedGroup: string, group: string, version: string, kind: string): boolean {
  if (group !== expectedGroup && (APART.has(group) || (APART.has(expectedGroup) && group !== ""))) return false;
  return isRegistered(group, version, kind) && !(APART.has(expectedGroup) && group === "" && BUILTIN_KINDS.some((each) => each.group === "" && each.kind === kind));
}

function checkCustom(said: TypeMeta, [group, version]: [string, string], body: Json, expected: DecodableKind, text: string): void {
  if (said.kind === "") throw unrecognized(expected.kind, `Object 'Kind' is missing in '${text}'`, text);
  if (group !== expected.group || version !== expected.version) throw versionMismatch(apiVersionOf(group, version), expected);
  if (said.kind === expected.kind) return;
  const errors = new FieldErrors();
  errors.invalid("kind", said.kind, `must be ${expected.kind}`);
  const metadata = isObject(body) ? body.metadata : undefined;
  const name = isObject(metadata ?? null) ? (metadata as { name?: Json }).name : undefined;
  throw errors.toStatusError(expected.group, said.kind, typeof name === "string" ? name : "");
}

function versionMismatch(apiVersion: string, expected: DecodableKind): StatusError {
  return badRequest(`the API version in the data (${apiVersion}) does not match the expected API version (${apiVersionOf(expected.group, expected.version)})`);
}

function mismatch(actual: { kind: string; version: string }, expected: DecodableKind, why: string): StatusError {
  return badRequest(`${actual.kind} in version ${goQuote(actual.version)} cannot be handled as a ${expected.kind}: ${why}`);
}

interface TypeMeta { apiVersion: string; kind: string }

type Refusal = (why: string) => Error;

function read(body: Json, refusal: Refusal): { said: TypeMeta; group: string; version: string } {
  const said = readTypeMeta(body, refusal);
  const [group, version] = groupVersionOfText(said.apiVersion, refusal);
  return { said, group, version };
}

/** Names count in any case here, and the last one wins: unlike all other fields, these two are read by Go's own decoder. */
function readTypeMeta(body: Json, refusal: Refusal): TypeMeta {
  if (body === null) return { apiVersion: "", kind: "" };
  if (!isObject(body)) throw refusal(notJson(`json: cannot unmarshal ${kindOf(body)} into Go value of type ${TYPE_META}`));
  const said: TypeMeta = { apiVersion: "", kind: "" };
  // Nearly always, and as good as the long way.
  if (typeof body.apiVersion === "string" && typeof body.kind === "string") {
    said.apiVersion = body.apiVersion;
    said.kind = body.kind;
  }
  for (const key in body) {
    if (key.length !== 4 && key.length !== 10) continue;
    const field = key.toLowerCase() === "kind" ? "kind" : key.toLowerCase() === "apiversion" ? "apiVersion" : undefined;
    const value = body[key]!;
    if (field === undefined || value === null) continue;
    if (typeof value !== "string") throw refusal(notJson(`json: cannot unmarshal ${kindOf(value)} into Go struct field .${field} of type string`));
    said[field] = value;
  }
  return said;
}

/** `why`: what the JSON decoder says. */
export function unreadable(why: string, expected: string, text: string): StatusError {
  return unrecognized(expected, notJson(why), text);
}

const notJson = (why: string): string => `couldn't get version/kind; json parse error: ${why}`;

function groupVersionOfText(apiVersion: string, refusal: Refusal): [group: string, version: string] {
  if (apiVersion === "" || apiVersion === "/") return ["", ""];
  if (apiVersion.split("/").length > 2) throw refusal(`unexpected GroupVersion string: ${apiVersion}`);
  return groupVersionOf(apiVersion);
}

/** "apps.Deployment": the type that all versions of a kind are converted to. Two groups share one where a kind has moved. */
function internalType(group: string, kind: string): string {
  if (kind === "Event") return "core.Event";
  if (kind === "Scale") return "autoscaling.Scale";
  if (group === "extensions") return `${kind === "Ingress" || kind === "NetworkPolicy" ? "networking" : "apps"}.${kind}`;
  return `${group === "" ? "core" : group.split(".")[0]}.${kind}`;
}
