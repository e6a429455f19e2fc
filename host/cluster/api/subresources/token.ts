/** Tokens for ServiceAccounts, as asked for by TokenRequest. */
import { rfc3339 } from "../../../values/time.ts";
import { AUDIENCE, ISSUER, signToken, type TokenClaims } from "../../auth/tokens.ts";
import type { ClusterObject, JsonObject } from "../../model.ts";
import { FieldErrors } from "../field-errors.ts";
import { uuid } from "../metadata.ts";
import type { Scope } from "../scope.ts";
import { badRequest, conflict, notFound } from "../status-error.ts";

interface BoundRef { kind?: string; apiVersion?: string; name?: string; uid?: string }
interface TokenSpec { audiences?: string[] | null; expirationSeconds?: number; boundObjectRef?: BoundRef | null }
type Claims = TokenClaims["kubernetes.io"];

const GROUP = "authentication.k8s.io";
const SECONDS_DEFAULT = 3600;
const SECONDS_MIN = 600;
const SECONDS_MAX = 2 ** 32;

export function setTokenDefaults(request: ClusterObject): void {
  const spec = (request["spec"] ??= {}) as TokenSpec;
  spec.expirationSeconds ??= SECONDS_DEFAULT;
}

/** What is answered: the request, with the token in its status. */
export function requestToken(scope: Scope, name: string, request: ClusterObject): ClusterObject {
  const { storage, platform } = scope.kernel;
  const { metadata } = request;
  const mismatch = new FieldErrors();
  if ((metadata.name ?? "") !== "" && metadata.name !== name) mismatch.invalid("metadata.name", metadata.name, "must match the service account name if specified");
  if (!mismatch.empty) throw mismatch.toStatusError(GROUP, "TokenRequest", name);
  const account = storage.get(scope.entry.name, scope.key(name))?.object;
  if (account === undefined) throw notFound(scope.named, name);
  const uid = account.metadata.uid!;
  if ((metadata.uid ?? "") !== "" && metadata.uid !== uid) throw conflict({ group: GROUP, resource: "TokenRequest" }, name, `the UID in the token request (${metadata.uid}) does not match the UID of the service account (${uid})`);
  const spec = (request["spec"] ?? {}) as TokenSpec;
  const audiences = spec.audiences === undefined || spec.audiences === null || spec.audiences.length === 0 ? [AUDIENCE] : spec.audiences;
  const expirationSeconds = spec.expirationSeconds ?? SECONDS_DEFAULT;
  checkSeconds(expirationSeconds);
  const now = Math.floor(platform.clock.nowMs() / 1000);
  const claims: TokenClaims = {
    aud: audiences, exp: now + expirationSeconds, iat: now, iss: ISSUER, jti: uuid(platform.random),
    "kubernetes.io": { namespace: scope.namespace, ...boundTo(scope, name, spec.boundObjectRef ?? undefined), serviceaccount: { name, uid } },
    nbf: now, sub: `system:serviceaccount:${scope.namespace}:${name}`,
  };
  return {
    kind: "TokenRequest", apiVersion: `${GROUP}/v1`,
    metadata: { ...metadata, name, namespace: scope.namespace, uid, creationTimestamp: rfc3339(now * 1000) },
    spec: { audiences: [...audiences], expirationSeconds, boundObjectRef: (spec.boundObjectRef ?? null) as JsonObject | null },
    status: { token: signToken(storage, platform, claims), expirationTimestamp: rfc3339((now + expirationSeconds) * 1000) },
  };
}

function checkSeconds(seconds: number): void {
  const errors = new FieldErrors();
  if (seconds < SECONDS_MIN) errors.invalid("spec.expirationSeconds", seconds, "may not specify a duration less than 10 minutes");
  if (seconds > SECONDS_MAX) errors.invalid("spec.expirationSeconds", seconds, "may not specify a duration larger than 2^32 seconds");
  if (!errors.empty) throw errors.toStatusError(GROUP, "TokenRequest", "");
}

/** A token bound to an object dies with it. */
function boundTo(scope: Scope, account: string, ref: BoundRef | undefined): Partial<Claims> {
  if (ref === undefined) return {};
  const { storage } = scope.kernel;
  const { kind = "", apiVersion = "", name = "" } = ref;
  const resource = apiVersion === "v1" ? { Pod: "pods", Secret: "secrets", Node: "nodes" }[kind] : undefined;
  if (resource === undefined) throw badRequest(`cannot bind token to object of type ${apiVersion.includes("/") ? apiVersion : `/${apiVersion}`}, Kind=${kind}`);
  const object = storage.get(resource, kind === "Node" ? name : `${scope.namespace}/${name}`)?.object;
  if (object === undefined) throw notFound({ group: "", resource }, name);
  const spec = (object["spec"] ?? {}) as { serviceAccountName?: string; nodeName?: string };
  if (kind === "Pod" && spec.serviceAccountName !== account) throw badRequest(`cannot bind token for serviceaccount ${JSON.stringify(account)} to pod running with different serviceaccount name.`);
  const uid = object.metadata.uid!;
  if ((ref.uid ?? "") !== "" && ref.uid !== uid) throw conflict({ group: "", resource: kind }, name, `the UID in the bound object reference (${ref.uid}) does not match the UID in record. The object might have been deleted and then recreated`);
  if (kind === "Node") return { node: { name, uid } };
  if (kind === "Secret") return { secret: { name, uid } };
  const node = spec.nodeName === undefined || spec.nodeName === "" ? undefined : storage.get("nodes", spec.nodeName)?.object.metadata.uid;
  return { pod: { name, uid }, ...(spec.nodeName === undefined || spec.nodeName === "" ? {} : { node: { name: spec.nodeName, ...(node === undefined ? {} : { uid: node }) } }) };
}
