/**
 * Decides about an object that need not be in the cluster yet: the API server's dry run says what the object would be,
 * everything else is read fresh. Offline, the cluster is taken to be empty.
 */
import { parseJson, stringifyJson } from "../../bindings/protocol/json.ts";
import type { JsonObject, KubeObject } from "../../bindings/protocol/types.ts";
import type { Core } from "../core/core.ts";
import type { ApiRequest, ApiResponse, Platform, Transport } from "../platform/platform.ts";
import { apiErrorOf, objectPath, withQuery } from "../runtime/api.ts";
import { Declarations } from "../runtime/declarations.ts";
import { decide, nothingRemembered, type Decided } from "../runtime/decide.ts";
import { createInformers } from "../runtime/informers.ts";
import { ProxyCaller } from "../runtime/proxy-caller.ts";
import { FreshView } from "../runtime/view.ts";
import { APPLY_PATCH } from "../runtime/writer.ts";
import { CliError, EXIT } from "./errors.ts";
import { readObjects } from "./objects.ts";

/** The uid of an object that isn't there yet. */
export const NO_UID = "00000000-0000-0000-0000-000000000000";
export const FIELD_MANAGER = "toque";

export interface Planned {
  decided: Decided;
  declarations: Declarations;
  /** What the file says. */
  object: KubeObject;
  /** uid and resourceVersion of the object in the cluster; undefined when it isn't there. */
  existing: { uid: string; resourceVersion: string } | undefined;
  /** True when the file would change the object that is there. */
  changes: boolean;
  /** SHA-256 of the core's input, `now` left out. */
  inputHash: string;
}

/** Reads a custom resource of `core`'s kind from YAML or JSON. */
export function readObject(file: string, core: Core, namespace: string): KubeObject {
  const { apiVersion, kind, namespaced } = core.manifest.for;
  const [found, second] = readObjects(file);
  if (found === undefined) throw new CliError(EXIT.usage, `${file} holds no object; one ${kind} is wanted`);
  if (second !== undefined) throw new CliError(EXIT.usage, `${file} holds several objects; one ${kind} is wanted`);
  if (found.apiVersion !== apiVersion || found.kind !== kind) {
    throw new CliError(EXIT.usage, `${file} holds ${found.apiVersion} ${found.kind}; ${core.manifest.name} is for ${apiVersion} ${kind}`);
  }
  if (namespaced) found.metadata.namespace ??= namespace;
  return found;
}

/** `transport` undefined: offline. `nowMs`: the pass's clock. `secretKey`: see hash-key.ts. */
export async function planFor(
  core: Core, object: KubeObject, transport: Transport | undefined, platform: Platform, nowMs: number, secretKey: Uint8Array | undefined,
): Promise<Planned> {
  const dry = new DryRun(core, object, transport, platform, nowMs);
  const declarations = new Declarations(core.manifest);
  const known = [declarations.primary, ...declarations.owned, ...declarations.reads].map(({ ref, projection }) => ({ kind: ref, projection, applyManager: declarations.fieldManager }));
  const informers = createInformers({ transport: dry, platform, known, ...(secretKey === undefined ? {} : { secretKey }) });
  try {
    const view = new FreshView(informers, declarations);
    await view.load(object.metadata.namespace, object.metadata.name);
    const caller = transport === undefined ? undefined : new ProxyCaller(transport, platform.text);
    const decided = await decide({ core, declarations, caller }, view, nothingRemembered(), new Date(nowMs).toISOString());
    if (decided.kind === "gone") throw new CliError(EXIT.failed, "the object was deleted in the meantime");
    if (decided.kind === "failed") throw new CliError(EXIT.failed, `the core failed: ${decided.code}: ${decided.message}`);
    const inputHash = `sha256:${platform.digest.sha256Hex(withoutNow(decided.observedText))}`;
    return { decided, declarations, object, existing: dry.existing, changes: dry.changes, inputHash };
  } finally {
    informers.close();
  }
}

function withoutNow(observed: string): string {
  return stringifyJson({ ...(parseJson(observed) as JsonObject), now: "" });
}

/** Answers a read of the primary with what the file would make of it; reads nothing but through the real transport. */
class DryRun implements Transport {
  existing: { uid: string; resourceVersion: string } | undefined;
  changes = true;
  readonly #path: string;
  readonly #object: KubeObject;
  readonly #real: Transport | undefined;
  readonly #platform: Platform;
  readonly #nowMs: number;

  constructor(core: Core, object: KubeObject, real: Transport | undefined, platform: Platform, nowMs: number) {
    this.#path = objectPath(core.manifest.for, object.metadata.namespace, object.metadata.name);
    this.#object = object;
    this.#real = real;
    this.#platform = platform;
    this.#nowMs = nowMs;
  }

  stream(): never {
    throw new Error("a plan reads, it does not watch");
  }

  async request(request: ApiRequest): Promise<ApiResponse> {
    const primary = request.method === "GET" && request.path === this.#path;
    if (this.#real === undefined) return this.#json(primary ? { status: 200, body: this.#made(this.#object as unknown as JsonObject) } : nothing(request.path));
    if (!primary) return this.#served(await this.#real.request(request), request.path);
    const live = await this.#live(this.#real);
    const would = await this.#dryRun(this.#real);
    if (live === undefined) return this.#json({ status: 200, body: this.#made(would) });
    const { uid, resourceVersion } = live["metadata"] as { uid: string; resourceVersion: string };
    this.existing = { uid, resourceVersion };
    this.changes = withoutBookkeeping(live) !== withoutBookkeeping(would);
    return this.#json({ status: 200, body: would });
  }

  async #live(real: Transport): Promise<JsonObject | undefined> {
    const response = this.#served(await real.request({ method: "GET", path: this.#path }), this.#path);
    if (response.status === 404) return undefined;
    return response.status === 200 ? (parseJson(this.#platform.text.decodeUtf8(response.body, 0, response.body.length)) as JsonObject) : undefined;
  }

  /** What the file would make of the object, by the API server's own defaults and rules. */
  async #dryRun(real: Transport): Promise<JsonObject> {
    const path = withQuery(this.#path, { fieldManager: FIELD_MANAGER, force: "true", dryRun: "All" });
    const response = await real.request({ method: "PATCH", path, contentType: APPLY_PATCH, body: stringifyJson(this.#object) });
    if (response.status < 400) return parseJson(this.#platform.text.decodeUtf8(response.body, 0, response.body.length)) as JsonObject;
    const error = apiErrorOf(response, this.#platform.text);
    // A field of a wrong type or name is no "Invalid" to server-side apply, but an internal error.
    const unfit = /^failed to create typed patch object \([^)]*\): (.*)$/s.exec(error.message)?.[1];
    if (unfit === undefined && error.status !== 422 && error.status !== 400 && error.status !== 404) throw error;
    throw new CliError(EXIT.usage, `the API server would not take the object: ${unfit ?? error.message}`, { cause: error });
  }

  /** Passes on what is served. That an object is missing is an answer, that its kind is unknown isn't. */
  #served(response: ApiResponse, path: string): ApiResponse {
    if (response.status !== 404 || namesObject(this.#platform.text.decodeUtf8(response.body, 0, response.body.length))) return response;
    const { apiVersion, kind } = this.#object;
    const what = path === this.#path ? `${apiVersion} ${kind}` : path.split("?")[0];
    throw new CliError(EXIT.cluster, `the API server does not serve ${what}: install its definition (toque run --install, or toque manifests --only crd), or check the version in operator.yaml`);
  }

  /** An object that isn't there yet, as it would be: the same on every try. */
  #made(object: JsonObject): JsonObject {
    const { managedFields: _, ...metadata } = object["metadata"] as JsonObject;
    const creationTimestamp = new Date(Math.floor(this.#nowMs / 1000) * 1000).toISOString().replace(".000Z", "Z");
    return { ...object, metadata: { ...metadata, uid: NO_UID, resourceVersion: "1", generation: 1, creationTimestamp } };
  }

  #json({ status, body }: { status: number; body: JsonObject }): ApiResponse {
    return { status, headers: { "content-type": "application/json" }, body: this.#platform.text.encodeUtf8(stringifyJson(body)) };
  }
}

/** Whether a 404 is about an object (or its namespace). */
function namesObject(body: string): boolean {
  try {
    return (JSON.parse(body) as { details?: { name?: string } } | null)?.details?.name !== undefined;
  } catch {
    return false;
  }
}

/** What matters to say whether a file changes an object; who manages which field, and when, doesn't. */
function withoutBookkeeping(object: JsonObject): string {
  const { managedFields: _, resourceVersion: __, generation: ___, ...metadata } = object["metadata"] as JsonObject;
  return stringifyJson({ ...object, metadata });
}

/** An empty cluster's answer. */
function nothing(path: string): { status: number; body: JsonObject } {
  const segments = (path.split("?")[0] ?? "").split("/").filter((segment) => segment !== "");
  const named = segments.slice(segments[0] === "api" ? 2 : 3);
  const single = named[0] === "namespaces" ? named.length > 3 : named.length > 1;
  if (single) return { status: 404, body: { kind: "Status", apiVersion: "v1", status: "Failure", reason: "NotFound", code: 404, message: "not found", details: { name: named.at(-1)! } } };
  return { status: 200, body: { kind: "List", apiVersion: "v1", metadata: { resourceVersion: "1" }, items: [] } };
}
