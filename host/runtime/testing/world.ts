/**
 * One operator in a fake cluster, under virtual time, with a core written in TypeScript: for tests of what the host does
 * around a core.
 *
 * Primary: Dish (example.dev/v1, namespaced). It may own Pods, ConfigMaps (by ownerReference), Volumes (by label) and
 * Roles (cluster-scoped, by label), and reads Recipes and Secrets.
 */
import { parseJson, stringifyJson } from "../../../bindings/protocol/json.ts";
import { DEFAULT_LIMITS, type Manifest, type OwnedKind, type ReadKind, type TypeDef } from "../../../bindings/protocol/manifest.ts";
import type { Action, JsonObject, KubeObject, Observed, Plan } from "../../../bindings/protocol/types.ts";
import type { Core } from "../../core/core.ts";
import type { ApiRequest } from "../../platform/platform.ts";
import type { Caller } from "../answers.ts";
import { objectPath } from "../api.ts";
import type { Recorder } from "../contracts.ts";
import type { Log, LogFields } from "../log.ts";
import { Operator, type OperatorOptions } from "../operator.ts";
import { FakeApi } from "./fake-api.ts";
import { FakeInformers } from "./fake-informers.ts";
import { type VirtualTime, virtualTime } from "./virtual-time.ts";

export type Reconcile = (observed: Observed) => Partial<Plan>;

const JSON_FIELD = { type: { scalar: "json" } } as const;
const TYPES: { [name: string]: TypeDef } = {
  Any: { fields: { spec: JSON_FIELD, status: JSON_FIELD, data: JSON_FIELD } },
  Dish: { fields: { spec: JSON_FIELD, status: { type: { object: "DishStatus" } } } },
  DishStatus: { fields: { phase: { type: { scalar: "string" } }, count: { type: { scalar: "integer" } }, conditions: { type: { list: { scalar: "json" }, listType: "map", keys: ["type"] } } } },
};
const ALL: OwnedKind["verbs"] = ["apply", "create", "patch", "delete", "adopt"];
const owned = (apiVersion: string, kind: string, plural: string, more: Partial<OwnedKind> = {}): OwnedKind =>
  ({ apiVersion, kind, plural, namespaced: true, type: "Any", link: "ownerReference", shared: false, verbs: ALL, ...more });
const read = (apiVersion: string, kind: string, plural: string, byName = false): ReadKind => ({ apiVersion, kind, plural, namespaced: true, type: "Any", byName });

export const MANIFEST: Manifest = {
  protocol: 1, name: "chef", version: "1.0.0",
  for: { apiVersion: "example.dev/v1", kind: "Dish", plural: "dishes", namespaced: true, type: "Dish", statusSubresource: true },
  owns: [
    owned("v1", "Pod", "pods", { verbs: [...ALL, "evict"] }), owned("v1", "ConfigMap", "configmaps", { verbs: ["apply"] }),
    owned("v1", "Volume", "volumes", { link: "uidLabel" }), owned("v1", "Role", "roles", { namespaced: false, link: "uidLabel" }),
    owned("v1", "Shelf", "shelves", { shared: true }), owned("v1", "Node", "nodes", { namespaced: false }),
  ],
  reads: [read("v1", "Recipe", "recipes"), read("v1", "Secret", "secrets", true)],
  calls: [
    { name: "taste", targetKind: "Pod", port: 80, scheme: "http", method: "GET", path: "/taste", effect: "read", timeoutMs: 1000 },
    { name: "season", targetKind: "Pod", port: 80, scheme: "http", method: "POST", path: "/season", effect: "change", timeoutMs: 1000 },
    { name: "discard", targetKind: "Pod", port: 80, scheme: "http", method: "POST", path: "/discard", effect: "destructive", timeoutMs: 1000 },
  ],
  finalizer: false, limits: DEFAULT_LIMITS, types: TYPES, crd: {},
};

export function jsCore(manifest: Manifest, reconcile: Reconcile): Core {
  return {
    digest: "sha256:test", manifest,
    reconcile(text) {
      try {
        const plan = reconcile(parseJson(text) as unknown as Observed);
        return { ok: true, plan: stringifyJson({ protocol: 1, verdict: "settled", actions: [], questions: [], ...plan }), fuelUsed: 1000 };
      } catch (error) {
        return { ok: false, error: { code: "Trap", message: String(error instanceof Error ? error.message : error) } };
      }
    },
  };
}

export interface World {
  readonly api: FakeApi;
  readonly informers: FakeInformers;
  readonly time: VirtualTime;
  readonly operator: Operator;
  /** Each Observed that the core was given, parsed. */
  readonly seen: Observed[];
  readonly logs: { level: string; message: string; fields: LogFields }[];
  readonly recorded: string[];
  /** Paths of writes so far, as "PATCH /api/...": without Events. That of a create ends with the object's name, too. */
  writes(): string[];
  dish(name: string, spec?: JsonObject): JsonObject;
  status(name: string): JsonObject;
}

export interface WorldOptions {
  manifest?: Partial<Manifest>;
  api?: FakeApi;
  time?: VirtualTime;
  caller?: Caller;
  /** Namespaces that the host is limited to. */
  namespaces?: readonly string[];
  options?: Partial<OperatorOptions>;
  /** Start the operator. Default true. */
  start?: boolean;
}

export const NAMESPACE = "kitchen";
export const pathOf = (plural: string, name: string): string => objectPath({ apiVersion: plural === "dishes" ? "example.dev/v1" : "v1", kind: "", plural, namespaced: true }, NAMESPACE, name);

export function world(reconcile: Reconcile, given: WorldOptions = {}): World {
  const { api = new FakeApi(), time = virtualTime() } = given;
  const informers = new FakeInformers(api, given.namespaces);
  const seen: Observed[] = [];
  const logs: World["logs"] = [];
  const recorded: string[] = [];
  const log: Log = { write: (level, message, fields = {}) => void logs.push({ level, message, fields }) };
  const recorder: Recorder = { decided: (pass) => void recorded.push(pass.plan), acted: () => undefined };
  const core = jsCore({ ...MANIFEST, ...given.manifest }, (observed) => {
    seen.push(observed);
    return reconcile(observed);
  });
  const operator = new Operator({
    core, transport: api, informers, platform: time.platform, log, recorder, events: false, ...(given.caller === undefined ? {} : { caller: given.caller }), ...given.options,
  });
  if (given.start !== false) operator.start();
  return {
    api, informers, time, operator, seen, logs, recorded,
    writes: () => api.writes.filter(({ path }) => !path.includes("/events")).map(shown),
    dish: (name, spec = {}) => api.put(pathOf("dishes", name), { apiVersion: "example.dev/v1", kind: "Dish", metadata: { name, namespace: NAMESPACE }, spec }),
    status: (name) => (api.objects.get(pathOf("dishes", name))?.["status"] ?? {}) as JsonObject,
  };
}

function shown({ method, path, body }: ApiRequest): string {
  const [resource = ""] = path.split("?");
  if (method !== "POST" || resource.endsWith("/eviction")) return `${method} ${resource}`;
  return `POST ${resource}/${(JSON.parse(body!) as KubeObject).metadata.name}`;
}

export function applyPod(name: string, spec: JsonObject = { image: "x" }, more: Partial<Action> = {}): Action {
  return { type: "apply", stage: 0, reason: "", object: { apiVersion: "v1", kind: "Pod", metadata: { name }, spec } as unknown as KubeObject, ...more } as Action;
}
