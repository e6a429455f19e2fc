/**
 * Reading many objects: all, or in pages that together show one moment.
 */
import { decodeBase64Url, encodeBase64Url } from "../../values/base64-url.ts";
import { CompactedError, type Snapshot, type Stored } from "../storage/storage.ts";
import { parseBody } from "../schema/body.ts";
import type { Scope } from "./scope.ts";
import type { Selection } from "./selection.ts";
import { badRequest, expired, StatusError } from "./status-error.ts";
import type { ListMeta } from "./text.ts";

export interface ListRequest {
  readonly selection: Selection;
  readonly limit: number;
  readonly continue: string;
  readonly resourceVersion: string;
  readonly match: string;
}

export interface Listed { readonly items: readonly Stored[]; readonly metadata: ListMeta }

export function listObjects(scope: Scope, request: ListRequest): Listed {
  const { kernel: { storage }, entry } = scope;
  const token = request.continue === "" ? undefined : decodeToken(request.continue, request.selection.namespace);
  if (token !== undefined && request.resourceVersion !== "" && request.resourceVersion !== "0") throw badRequest("specifying resource version is not allowed when using continue");
  const snapshot = token === undefined ? snapshotFor(scope, request) : continued(scope, token, request.selection.namespace);
  const { selection } = request;
  // What is asked for "as it may be cached" comes whole.
  const limit = request.resourceVersion === "0" && token === undefined ? 0 : request.limit;
  const items: Stored[] = [];
  let more: string | undefined;
  if (selection.name !== undefined && (selection.namespace !== "" || !scope.kind.namespaced)) {
    const found = snapshot.get(entry.name, scope.kind.namespaced ? `${selection.namespace}/${selection.name}` : selection.name);
    if (found !== undefined && selection.matches(found.object)) items.push(found);
  } else {
    for (const stored of snapshot.list(entry.name, selection.namespace === "" ? undefined : selection.namespace, token?.after)) {
      if (!selection.everything && !selection.matches(stored.object)) continue;
      if (limit > 0 && items.length === limit) {
        more = items.at(-1)!.key;
        break;
      }
      items.push(stored);
    }
  }
  const resourceVersion = String(token === undefined || token.resourceVersion >= 0 ? snapshot.resourceVersion : storage.resourceVersion);
  if (more === undefined) return { items, metadata: { resourceVersion } };
  const remaining = selection.everything ? countAfter(snapshot, entry.name, selection.namespace, more) : undefined;
  return { items, metadata: { resourceVersion, continue: encodeToken({ resourceVersion: Number(resourceVersion), after: more }, selection.namespace), ...(remaining === undefined ? {} : { remainingItemCount: remaining }) } };
}

function countAfter(snapshot: Snapshot, resource: string, namespace: string, after: string): number {
  let count = 0;
  for (const _ of snapshot.list(resource, namespace === "" ? undefined : namespace, after)) count++;
  return count;
}

function snapshotFor(scope: Scope, { resourceVersion, match, limit }: ListRequest): Snapshot {
  const { kernel: { storage }, entry } = scope;
  if (resourceVersion === "" || resourceVersion === "0") return storage;
  const wanted = parseResourceVersion(resourceVersion, (why) => badRequest(`invalid resource version: ${why}`));
  if (wanted > storage.resourceVersion) throw tooLarge(wanted, storage.resourceVersion);
  const exact = match === "Exact" || (match === "" && limit > 0);
  if (!exact) return storage;
  try {
    return storage.at(entry.name, wanted);
  } catch (error) {
    if (error instanceof CompactedError) throw expired("The resourceVersion for the provided list is too old.");
    throw error;
  }
}

/** `error` makes what is thrown of the reason. */
export function parseResourceVersion(text: string, error: (why: string) => StatusError): number {
  if (text === "") return 0;
  const invalid = (why: string): StatusError => error(`resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: ${why}`);
  if (!/^\d+$/.test(text)) throw invalid("invalid syntax");
  if (text.length > 19 && BigInt(text) >= 2n ** 64n) throw invalid("value out of range");
  return Number(text);
}

export function tooLarge(wanted: number, current: number): StatusError {
  return new StatusError(504, "Timeout", `Timeout: Too large resource version: ${wanted}, current: ${current}`, {
    causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }], retryAfterSeconds: 1,
  });
}

/** `resourceVersion` -1: of whatever moment the next page is asked for. `after`: the last key of the page before. */
interface Token { resourceVersion: number; after: string }

function continued(scope: Scope, token: Token, namespace: string): Snapshot {
  const { kernel: { storage }, entry } = scope;
  if (token.resourceVersion < 0) return storage;
  if (token.resourceVersion > storage.resourceVersion) throw badRequest("continue key is not valid: it is from the future");
  try {
    return storage.at(entry.name, token.resourceVersion);
  } catch (error) {
    if (!(error instanceof CompactedError)) throw error;
    const again = encodeToken({ resourceVersion: -1, after: token.after }, namespace);
    throw new StatusError(410, "Expired", "The provided continue parameter is too old to display a consistent list result. You can start a new list without "
      + "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided "
      + "token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned "
      + "and now may show up in the list.", undefined, { continue: again });
  }
}

/** Base64 (URL alphabet, no padding) of JSON, as the real server's tokens are. Keys go without the namespace of the request. */
function encodeToken({ resourceVersion, after }: Token, namespace: string): string {
  const text = JSON.stringify({ v: "meta.k8s.io/v1", rv: resourceVersion, start: `/${namespace === "" ? after : after.slice(namespace.length + 1)}\0` });
  return encodeBase64Url(new TextEncoder().encode(text));
}

function decodeToken(encoded: string, namespace: string): Token {
  const invalid = (why: string): StatusError => badRequest(`invalid continue token: continue key is not valid${why}`);
  const bytes = decodeBase64Url(encoded);
  if (typeof bytes === "number") throw invalid(`: illegal base64 data at input byte ${bytes}`);
  const { v, rv, start } = parsedToken(new TextDecoder().decode(bytes), invalid);
  if (v !== "meta.k8s.io/v1") throw invalid(`: server does not recognize this encoded version ${typeof v === "string" ? v : ""}`);
  if (typeof rv !== "number" || rv === 0) throw invalid(": incorrect encoded start resourceVersion (version meta.k8s.io/v1)");
  if (typeof start !== "string" || start === "") throw invalid(": encoded start key empty (version meta.k8s.io/v1)");
  const key = start.startsWith("/") ? start.slice(1) : start;
  if (/(^|\/)(\.{0,2}|\.\0)(\/|$)/.test(key)) throw invalid(`: ${start}`);
  return { resourceVersion: rv, after: `${namespace === "" ? "" : `${namespace}/`}${key.replace(/\0$/, "")}` };
}

function parsedToken(text: string, invalid: (why: string) => StatusError): { v?: unknown; rv?: unknown; start?: unknown } {
  try {
    const { value } = parseBody(text);
    if (value !== null && typeof value === "object" && !Array.isArray(value)) return value;
    throw invalid(": json: cannot unmarshal into Go value of type storage.continueToken");
  } catch (error) {
    if (error instanceof StatusError) throw error;
    throw invalid(`: ${(error as Error).message}`);
  }
}
