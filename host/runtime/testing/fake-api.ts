/**
 * A small API server in memory: what the acting side asks of one, with real semantics for resourceVersions, preconditions,
 * merge patches, server-side apply (all maps granular, all lists atomic), finalizers and status. Faults on demand.
 */
import { parseJson, stringifyJson } from "../../../bindings/protocol/json.ts";
import type { Json, JsonObject } from "../../../bindings/protocol/types.ts";
import { type ApiRequest, type ApiResponse, type Stream, type Transport, TransportError } from "../../platform/platform.ts";
import { mergePatch } from "../status.ts";

/** Before: nothing happened. After: it took effect, and the answer was lost. */
export type Fault = "lost-before" | "lost-after" | { status: number; reason: string };
export type FakeEvent = { path: string; before: JsonObject | undefined; after: JsonObject | undefined };

class Refused extends Error {
  readonly status: number;
  readonly reason: string;
  constructor(status: number, reason: string, message: string) {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}

export class FakeApi implements Transport {
  /** Object path -> object. */
  readonly objects = new Map<string, JsonObject>();
  /** Every write that arrived, in order. */
  readonly writes: ApiRequest[] = [];
  readonly listeners = new Set<(event: FakeEvent) => void>();
  /** Asked for each request. */
  fault: (request: ApiRequest) => Fault | undefined = () => undefined;
  version = 100;
  #uids = 0;

  stream(): Stream {
    throw new Error("the fake API has no watch: use FakeInformers");
  }

  async request(request: ApiRequest): Promise<ApiResponse> {
    await Promise.resolve();
    const fault = this.fault(request);
    if (request.method !== "GET") this.writes.push(request);
    if (fault === "lost-before") throw new TransportError("Unknown", "the connection broke");
    if (typeof fault === "object") return response(fault.status, { kind: "Status", reason: fault.reason, message: `injected ${fault.reason}`, code: fault.status });
    const answer = this.#answer(request);
    if (fault === "lost-after") throw new TransportError("Unknown", "the connection broke");
    return answer;
  }

  /** Puts an object there as if by somebody else. */
  put(path: string, object: JsonObject): JsonObject {
    const before = this.objects.get(path);
    const metadata = object["metadata"] as JsonObject;
    return this.#store(path, before, {
      ...object, metadata: { uid: `uid-${++this.#uids}`, creationTimestamp: "2026-01-01T00:00:00Z", generation: 1, ...(before?.["metadata"] as JsonObject | undefined), ...metadata },
    });
  }

  remove(path: string): void {
    const before = this.objects.get(path);
    if (before === undefined) return;
    this.version++;
    this.objects.delete(path);
    this.#tell({ path, before, after: undefined });
  }

  /** Changes an object as somebody else would: a merge patch that takes the fields it sets from their appliers. */
  change(path: string, patch: JsonObject): void {
    const before = this.objects.get(path)!;
    this.#store(path, before, disowned(mergePatch(before, patch) as JsonObject, patch));
  }

  #answer(request: ApiRequest): ApiResponse {
    const [path = "", query = ""] = request.path.split("?");
    try {
      return response(request.method === "POST" ? 201 : 200, this.#serve(request, path, new URLSearchParams(query)));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return response(error.status, { kind: "Status", status: "Failure", reason: error.reason, message: error.message, code: error.status, details: { name: path.split("/").at(-1)! } });
    }
  }

  #serve(request: ApiRequest, path: string, query: URLSearchParams): JsonObject {
    const body = request.body === undefined ? {} : (parseJson(request.body) as JsonObject);
    switch (request.method) {
      case "GET":
        return this.#existing(path);
      case "POST":
        return path.endsWith("/eviction") ? this.#delete(path.slice(0, -"/eviction".length), body["deleteOptions"] as JsonObject) : this.#create(path, body, query.get("fieldManager"));
      case "PUT": {
        const before = this.#existing(path);
        checkVersion(before, body["metadata"] as JsonObject);
        return this.#store(path, before, body);
      }
      case "PATCH":
        return request.contentType === "application/apply-patch+yaml" ? this.#apply(path, body, query) : this.#merge(path, body);
      case "DELETE":
        return this.#delete(path, body);
    }
  }

  #existing(path: string): JsonObject {
    const object = this.objects.get(path);
    if (object === undefined) throw new Refused(404, "NotFound", `${path} not found`);
    return object;
  }

  #create(collection: string, body: JsonObject, manager: string | null): JsonObject {
    const metadata = body["metadata"] as JsonObject;
    const path = `${collection}/${metadata["name"] as string}`;
    if (this.objects.has(path)) throw new Refused(409, "AlreadyExists", `${path} already exists`);
    if (manager === null) return this.put(path, body);
    const managedFields = [{ manager, operation: "Update", fieldsV1: fieldsOf(body) }];
    return this.put(path, { ...body, metadata: { ...metadata, managedFields } });
  }

  #merge(path: string, patch: JsonObject): JsonObject {
    const status = path.endsWith("/status");
    const target = status ? path.slice(0, -"/status".length) : path;
    const before = this.#existing(target);
    checkVersion(before, (patch["metadata"] ?? {}) as JsonObject);
    const allowed: JsonObject = status ? { status: patch["status"] ?? null } : { ...patch, metadata: { ...(patch["metadata"] as JsonObject | undefined) } };
    const after = mergePatch(before, allowed) as JsonObject;
    return this.#store(target, before, status ? after : disowned(after, patch));
  }

  #apply(path: string, body: JsonObject, query: URLSearchParams): JsonObject {
    const before = this.objects.get(path);
    const { uid, resourceVersion, ...metadata } = body["metadata"] as JsonObject;
    if (before === undefined && uid !== undefined) throw new Refused(409, "Conflict", "uid mismatch");
    if (before !== undefined) checkVersion(before, { ...(uid === undefined ? {} : { uid }), ...(resourceVersion === undefined ? {} : { resourceVersion }) });
    const manager = query.get("fieldManager")!;
    const intent = { ...body, metadata };
    const base = before ?? { metadata: { uid: `uid-${++this.#uids}`, creationTimestamp: "2026-01-01T00:00:00Z", generation: 0 } };
    const isOurs = (entry: JsonObject): boolean => entry["manager"] === manager && entry["operation"] === "Apply";
    const managed = ((base["metadata"] as JsonObject)["managedFields"] as JsonObject[] | undefined) ?? [];
    const others = managed.filter((entry) => !isOurs(entry));
    const owned = managed.find(isOurs)?.["fieldsV1"] as JsonObject | undefined;
    const dropped = dropOwned(base, owned ?? {}, fieldsOf(intent), others.map((entry) => entry["fieldsV1"] as JsonObject));
    const merged = applied(dropped, intent) as JsonObject;
    const managedFields = [...others, { manager, operation: "Apply", fieldsV1: fieldsOf(intent) }];
    return this.#store(path, before, { ...merged, metadata: { ...(merged["metadata"] as JsonObject), managedFields } });
  }

  #delete(path: string, options: JsonObject): JsonObject {
    const before = this.#existing(path);
    checkVersion(before, (options["preconditions"] ?? {}) as JsonObject);
    const finalizers = (before["metadata"] as JsonObject)["finalizers"] as Json[] | undefined;
    if (finalizers !== undefined && finalizers.length > 0) {
      return this.#store(path, before, mergePatch(before, { metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" } }) as JsonObject);
    }
    this.remove(path);
    return { kind: "Status", status: "Success" };
  }

  /** A write that changes nothing moves nothing, as in a real API server. */
  #store(path: string, before: JsonObject | undefined, after: JsonObject): JsonObject {
    if (before !== undefined && stringifyJson(before) === stringifyJson(after)) return before;
    const metadata = after["metadata"] as JsonObject;
    const specChanged = stringifyJson(before?.["spec"]) !== stringifyJson(after["spec"]);
    const generation = Number(metadata["generation"] ?? 0) + (specChanged ? 1 : 0);
    const stored = { ...after, metadata: { ...metadata, generation, resourceVersion: String(++this.version) } };
    const finalizers = metadata["finalizers"] as Json[] | undefined;
    if (metadata["deletionTimestamp"] !== undefined && (finalizers === undefined || finalizers === null || finalizers.length === 0)) {
      this.objects.delete(path);
      this.#tell({ path, before, after: undefined });
      return stored;
    }
    this.objects.set(path, stored);
    this.#tell({ path, before, after: stored });
    return stored;
  }

  #tell(event: FakeEvent): void {
    for (const listener of this.listeners) listener(event);
  }
}

function response(status: number, body: JsonObject): ApiResponse {
  return { status, headers: {}, body: new TextEncoder().encode(stringifyJson(body)) };
}

function checkVersion(object: JsonObject, wanted: JsonObject): void {
  const metadata = object["metadata"] as JsonObject;
  for (const field of ["uid", "resourceVersion"]) {
    if (wanted[field] !== undefined && wanted[field] !== metadata[field]) throw new Refused(409, "Conflict", `${field} is ${String(metadata[field])}, not ${String(wanted[field])}`);
  }
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** fieldsV1, all maps granular, all lists atomic; struct members directly below the root and metadata. */
export function fieldsOf(intent: JsonObject): JsonObject {
  const { apiVersion, kind, metadata, ...rest } = intent;
  void apiVersion;
  void kind;
  const fields: JsonObject = {};
  const { name, namespace, ownerReferences, ...meta } = metadata as JsonObject;
  void name;
  void namespace;
  const metaFields: JsonObject = {};
  for (const [key, value] of Object.entries(meta)) metaFields[`f:${key}`] = members(value, false);
  if (Array.isArray(ownerReferences)) {
    metaFields["f:ownerReferences"] = Object.fromEntries(ownerReferences.map((owner) => [`k:${JSON.stringify({ uid: (owner as JsonObject)["uid"] })}`, {}]));
  }
  if (Object.keys(metaFields).length > 0) fields["f:metadata"] = metaFields;
  for (const [key, value] of Object.entries(rest)) fields[`f:${key}`] = members(value, false);
  return fields;
}

function members(value: Json, self: boolean): JsonObject {
  if (!isObject(value) || Object.keys(value).length === 0) return {};
  const fields: JsonObject = self ? { ".": {} } : {};
  for (const [key, member] of Object.entries(value)) fields[`f:${key}`] = members(member, true);
  return fields;
}

/** Takes away what `before` owned, `now` doesn't, and nobody else does. */
function dropOwned(object: JsonObject, before: JsonObject, now: JsonObject, others: readonly JsonObject[]): JsonObject {
  const copy = structuredClone(object);
  const walk = (value: JsonObject, was: JsonObject, is: JsonObject, theirs: readonly JsonObject[]): void => {
    for (const [field, beneath] of Object.entries(was)) {
      const name = field.slice(2);
      if (!field.startsWith("f:") || value[name] === undefined) continue;
      const still = is[field];
      const shared = theirs.map((fields) => fields[field]).filter((fields) => isObject(fields));
      if (still === undefined && shared.length === 0) delete value[name];
      else if (isObject(value[name]) && isObject(beneath)) walk(value[name], beneath, isObject(still) ? still : {}, shared);
    }
  };
  walk(copy, before, now, others);
  return copy;
}

function applied(value: Json | undefined, intent: Json): Json {
  if (!isObject(intent)) return intent;
  const merged: JsonObject = isObject(value) ? { ...value } : {};
  for (const [name, member] of Object.entries(intent)) merged[name] = applied(merged[name], member);
  return merged;
}

/** The fields that `patch` sets leave every Apply entry. */
function disowned(object: JsonObject, patch: JsonObject): JsonObject {
  const metadata = object["metadata"] as JsonObject;
  const entries = metadata["managedFields"] as JsonObject[] | undefined;
  if (entries === undefined) return object;
  const strip = (fields: JsonObject, part: JsonObject): JsonObject => {
    const left: JsonObject = {};
    for (const [field, beneath] of Object.entries(fields)) {
      const other = field.startsWith("f:") ? part[field.slice(2)] : undefined;
      if (other === undefined) left[field] = beneath;
      else if (isObject(other) && isObject(beneath) && Object.keys(beneath).length > 0) left[field] = strip(beneath, other);
    }
    return left;
  };
  const { metadata: patched, ...rest } = patch;
  void patched;
  const managedFields = entries.map((entry) => ({ ...entry, fieldsV1: strip(entry["fieldsV1"] as JsonObject, rest) }));
  return { ...object, metadata: { ...metadata, managedFields } };
}
