/**
 * Reads the manifest out of a core, strictly: names in it become paths, field managers and ServiceAccounts, so that a forged
 * one must not get further than here.
 */
import { parseJson } from "../../bindings/protocol/json.ts";
import { type Limits, type Manifest } from "../../bindings/protocol/manifest.ts";
import { PROTOCOL } from "../../bindings/protocol/types.ts";
import { CoreError } from "./errors.ts";
import { HOST_LIMITS } from "./limits.ts";
import { check, list, map, object, oneOf, optional, text, truth, whole, anything, either, constant, lazy, type Shape } from "./shape.ts";

export const MANIFEST_SECTION = "toque:manifest";
const REBUILD = "build it with `toque build`";

const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const API_VERSION = /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?v[0-9][a-z0-9]{0,20}$/;
const KIND = /^[A-Za-z][A-Za-z0-9]{0,62}$/;
/** A path on a Pod or Service of its own: no way up, no query, no escapes. */
const CALL_PATH = /^(?!.*\/\.\.?(\/|$))\/[-A-Za-z0-9._~/:]{0,500}$/;

const kindRef = { apiVersion: text(API_VERSION), kind: text(KIND), plural: text(LABEL), namespaced: truth };
const typeRef: Shape = lazy(() => either(
  object({ scalar: oneOf("string", "integer", "number", "boolean", "quantity", "intOrString", "time", "bytes", "json") }),
  object({ object: text() }),
  object({ list: typeRef, listType: oneOf("atomic", "set", "map"), keys: optional(list(text())) }),
  object({ map: typeRef, atomic: optional(constant(true)) }),
));

const SHAPE = object({
  protocol: constant(PROTOCOL),
  name: text(LABEL),
  version: text(/^.{1,100}$/),
  for: object({ ...kindRef, type: text(), statusSubresource: truth }),
  owns: list(object({ ...kindRef, type: text(), link: oneOf("ownerReference", "uidLabel"), shared: truth, verbs: list(oneOf("apply", "create", "patch", "delete", "evict", "adopt")) })),
  reads: list(object({ ...kindRef, type: text(), byName: truth })),
  calls: list(object({
    name: text(/^[A-Za-z][A-Za-z0-9]{0,62}$/), targetKind: oneOf("Pod", "Service"), port: whole(1, 65_535), scheme: oneOf("http", "https"),
    method: oneOf("GET", "POST", "PUT", "DELETE"), path: text(CALL_PATH), effect: oneOf("read", "change", "destructive"), timeoutMs: whole(1, 600_000),
    clientCertificate: optional(constant(true)),
  })),
  finalizer: truth,
  limits: object({
    fuel: whole(1, HOST_LIMITS.fuelMax), depth: whole(1, HOST_LIMITS.depthMax), memoryMaxPages: whole(1, HOST_LIMITS.memoryPagesMax),
    planBytesMax: whole(1, HOST_LIMITS.planBytesMax), actionsMax: whole(0, HOST_LIMITS.actionsMax),
    questionsMax: whole(0, HOST_LIMITS.questionsMax), roundsMax: whole(1, HOST_LIMITS.roundsMax),
  } satisfies Record<keyof Limits, Shape>),
  types: map(object({ fields: map(object({ type: typeRef, required: optional(constant(true)), default: optional(anything) })), atomic: optional(constant(true)) })),
  crd: anything,
});

/** The manifest among the custom sections. Throws `CoreError` when it is missing, doubled, malformed or of another protocol. */
export function readManifest(customs: readonly { name: string; content: Uint8Array }[], decodeUtf8: (bytes: Uint8Array) => string, file: string): Manifest {
  const found = customs.filter((custom) => custom.name === MANIFEST_SECTION);
  if (found.length !== 1) throw new CoreError("CORE2008", file, found.length === 0 ? "has no manifest" : "has several manifests", REBUILD);
  let manifest: unknown;
  try {
    manifest = parseJson(decodeUtf8(found[0]!.content));
  } catch {
    throw new CoreError("CORE2008", file, "has a manifest that is not JSON", REBUILD);
  }
  const protocol = (manifest as { protocol?: unknown } | null)?.protocol;
  if (typeof protocol === "number" && protocol !== PROTOCOL) {
    throw new CoreError("CORE2002", file, `speaks protocol ${protocol}, this host speaks ${PROTOCOL}`, protocol > PROTOCOL ? "use a newer host" : "build it with a newer toque");
  }
  const wrong = check(SHAPE, manifest, "manifest");
  if (wrong !== undefined) throw new CoreError("CORE2008", file, `has a malformed manifest: ${wrong}`, REBUILD);
  return manifest as Manifest;
}
