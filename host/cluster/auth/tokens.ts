/**
 * Tokens of ServiceAccounts: JSON Web Tokens signed by HMAC-SHA256 with a key of the cluster's own. Real servers sign with
 * RSA, so that others can check; here nobody but the server itself does.
 */
import type { Digest, Platform } from "../../platform/platform.ts";
import { decodeBase64Url, encodeBase64Url } from "../../values/base64-url.ts";
import { stringifyJson } from "../json.ts";
import type { ClusterObject } from "../model.ts";
import type { Storage } from "../storage/storage.ts";
import { serviceAccountUser, type User } from "./user.ts";

export const ISSUER = "https://kubernetes.default.svc";
export const AUDIENCE = "https://kubernetes.default.svc";

/** Of no resource that is served: kept with the state, but seen by no client. */
const KEYS = "internal";
const KEY = "service-account-key";

/** The cluster's key, made when first needed. */
function signingKey(storage: Storage, { random }: Pick<Platform, "random">): string {
  const known = storage.get(KEYS, KEY)?.object["key"];
  if (typeof known === "string") return known;
  let key = "";
  for (let n = 0; n < 8; n++) key += Math.floor(random.next() * 2 ** 32).toString(16).padStart(8, "0");
  storage.put(KEYS, KEY, { apiVersion: "toque/v1", kind: "Key", metadata: { name: KEY }, key }, 0);
  return key;
}

export interface TokenClaims {
  readonly aud: readonly string[];
  /** Seconds since the epoch. */
  readonly exp: number;
  readonly iat: number;
  readonly nbf: number;
  readonly iss: string;
  readonly jti: string;
  readonly sub: string;
  readonly "kubernetes.io": {
    readonly namespace: string;
    readonly serviceaccount: { readonly name: string; readonly uid: string };
    readonly pod?: { readonly name: string; readonly uid: string };
    readonly secret?: { readonly name: string; readonly uid: string };
    readonly node?: { readonly name: string; readonly uid?: string };
  };
}

const HEADER = encodeBase64Url(new TextEncoder().encode(`{"alg":"HS256","typ":"JWT"}`));

export function signToken(storage: Storage, platform: Platform, claims: TokenClaims): string {
  const signed = `${HEADER}.${encodeBase64Url(new TextEncoder().encode(stringifyJson(claims)))}`;
  return `${signed}.${hmac(platform.digest, signingKey(storage, platform), signed)}`;
}

/** Whom a token stands for; undefined when it is none of ours, too old, or what it is bound to is gone. */
export function tokenUser(storage: Storage, platform: Platform, token: string): { user: User; audiences: readonly string[] } | undefined {
  const claims = verified(storage, platform, token);
  if (claims === undefined || claims.exp * 1000 <= platform.clock.nowMs()) return undefined;
  const { namespace, serviceaccount, pod, secret, node } = claims["kubernetes.io"];
  if (!isThere(storage, "serviceaccounts", `${namespace}/${serviceaccount.name}`, serviceaccount.uid)) return undefined;
  if (pod !== undefined && !isThere(storage, "pods", `${namespace}/${pod.name}`, pod.uid)) return undefined;
  if (secret !== undefined && !isThere(storage, "secrets", `${namespace}/${secret.name}`, secret.uid)) return undefined;
  const extra: { [key: string]: string[] } = { "authentication.kubernetes.io/credential-id": [`JTI=${claims.jti}`] };
  if (pod !== undefined) Object.assign(extra, { "authentication.kubernetes.io/pod-name": [pod.name], "authentication.kubernetes.io/pod-uid": [pod.uid] });
  if (node !== undefined) extra["authentication.kubernetes.io/node-name"] = [node.name];
  return { user: { ...serviceAccountUser(namespace, serviceaccount.name, serviceaccount.uid), extra }, audiences: claims.aud };
}

function isThere(storage: Storage, resource: string, key: string, uid: string): boolean {
  const object: ClusterObject | undefined = storage.get(resource, key)?.object;
  return object !== undefined && object.metadata.uid === uid;
}

function verified(storage: Storage, { digest, random }: Platform, token: string): TokenClaims | undefined {
  const end = token.lastIndexOf(".");
  if (end === -1 || !token.startsWith(`${HEADER}.`)) return undefined;
  const signed = token.slice(0, end);
  if (hmac(digest, signingKey(storage, { random }), signed) !== token.slice(end + 1)) return undefined;
  const payload = decodeBase64Url(signed.slice(HEADER.length + 1));
  return typeof payload === "number" ? undefined : JSON.parse(new TextDecoder().decode(payload)) as TokenClaims;
}

const BLOCK = 64;

/** RFC 2104 over a digest that speaks hex. `key`: up to 64 bytes in ASCII. */
function hmac(digest: Digest, key: string, message: string): string {
  const pad = (mask: number): Uint8Array => Uint8Array.from({ length: BLOCK }, (_, n) => (key.charCodeAt(n) || 0) ^ mask);
  const inner = bytesOfHex(digest.sha256Hex(joined(pad(0x36), new TextEncoder().encode(message))));
  return encodeBase64Url(bytesOfHex(digest.sha256Hex(joined(pad(0x5c), inner))));
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

function bytesOfHex(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, n) => parseInt(hex.slice(2 * n, 2 * n + 2), 16));
}
