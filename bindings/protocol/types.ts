/**
 * The contract between a core and a host, protocol version 1.
 *
 * JSON text in (`Observed`), JSON text out (`Plan`). The JSON Schemas in `schemas/` are the reference;
 * `types.test.ts` fails when this file and they part ways.
 */

/** The only protocol version there is. A host refuses a core of another one (CORE2002). */
export const PROTOCOL = 1;

/** Any JSON value; integers beyond 2^53 are `bigint` (see `json.ts`), so that 64 bits survive. */
export type Json = null | boolean | number | bigint | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** A Kubernetes object, reduced to the fields that the operator declared. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta & JsonObject;
  [field: string]: Json;
}

/** The metadata that every observed object carries, whatever was declared. */
export interface ObjectMeta {
  name: string;
  /** Absent on cluster-scoped objects. */
  namespace?: string;
  uid?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
}

/** Names one object. `namespace` is absent on cluster-scoped kinds. */
export interface ObjectRef {
  apiVersion: string;
  kind: string;
  namespace?: string;
  name: string;
}

/** Everything a pass may know. All arrays sorted by (apiVersion, kind, namespace, name): same input, same bytes. */
export interface Observed {
  protocol: 1;
  mode: "reconcile" | "admit";
  /** RFC 3339 UTC with milliseconds. The only clock a core has. */
  now: string;
  primary: KubeObject;
  /** The object before the change; only in mode `admit`, and absent there on create. */
  old?: KubeObject;
  /** Objects linked to the primary, of the kinds in `owns`. */
  owned: KubeObject[];
  /** Objects that carry a name this operator wants, but are not its own: `adopt` them or block. */
  strays: KubeObject[];
  /** Answers by question id (`Question.id`). A question that is not here is pending. */
  answers: { [questionId: string]: Answer };
  /** What became of the actions of the last pass. Advisory: empty after a restart. */
  lastResults: Result[];
}

/** Exactly one of value, absent, unobserved. "Could not be observed" is never "empty". */
export type Answer =
  | { state: "value"; value: Json }
  | { state: "absent" }
  | { state: "unobserved"; reason: string; httpStatus?: number; body?: string };

export interface Result {
  action: { type: ActionType; apiVersion?: string; kind?: string; namespace?: string; name?: string };
  /** `skipped`: nothing would have changed. `abandoned`: it was not begun, for another action had failed. */
  outcome: "done" | "skipped" | "failed" | "abandoned";
  /** Kubernetes' own closed list of Status reasons, when `failed`. */
  reason?: string;
  message?: string;
}

export type Verdict = "settled" | "progressing" | "blocked" | "refused" | "finalized";

export interface Plan {
  protocol: 1;
  verdict: Verdict;
  /** CamelCase, for machines. */
  reason?: string;
  /** A sentence, for people. */
  message?: string;
  /** The whole status wanted; absent: leave it alone. */
  status?: JsonObject;
  actions: Action[];
  /** Open questions. A plan with one is never executed. */
  questions: Question[];
  requeueAfterMs?: number;
}

interface ActionBase {
  /** Stages run in ascending order. Within one, actions start one by one and then side by side; none starts after a failure. */
  stage: number;
  /** Readable: it becomes the Event, the log line and the timeline label. */
  reason: string;
}

/** Make these fields so, by server-side apply; creates too; skipped when nothing would change. */
export interface ApplyAction extends ActionBase {
  type: "apply";
  object: KubeObject;
  /** uid of the object that was observed, if one was: an apply then never creates it anew. Set by the SDK. */
  uid?: string;
  /** Paths (`spec.replicas`) that are handed over to whoever else writes them, keeping their value. */
  release?: string[];
}
/** Create once. Such an object is never applied. */
export interface CreateAction extends ActionBase { type: "create"; object: KubeObject }
/** JSON merge patch at the observed resourceVersion. */
export interface PatchAction extends ActionBase { type: "patch"; target: ObjectRef; uid: string; patch: JsonObject }
/** Delete at the observed uid and resourceVersion. */
export interface DeleteAction extends ActionBase {
  type: "delete"; target: ObjectRef; uid: string; propagationPolicy?: "Background" | "Foreground" | "Orphan";
}
/** Evict a Pod: a delete that disruption budgets may refuse (429). */
export interface EvictAction extends ActionBase { type: "evict"; target: ObjectRef; uid: string }
/** Take over a stray: it gets this operator's link. */
export interface AdoptAction extends ActionBase { type: "adopt"; target: ObjectRef; uid: string }
/** Write these status fields at the observed resourceVersion before anything of a later stage happens. */
export interface LatchAction extends ActionBase { type: "latch"; status: JsonObject }
/** A declared call (`calls` in operator.yaml) to an endpoint of its own. */
export interface HttpAction extends ActionBase { type: "http"; call: HttpCall }

export type Action =
  | ApplyAction | CreateAction | PatchAction | DeleteAction | EvictAction | AdoptAction | LatchAction | HttpAction;
export type ActionType = Action["type"];

/** A call by the name it was declared under, on a Pod or Service of its own. Never a URL. */
export interface HttpCall {
  /** Name in `calls`; path, method, port, effect come from the declaration. */
  name: string;
  target: ObjectRef;
  /** Request body, if the method takes one. */
  body?: string;
  /** Name of a Secret of type kubernetes.io/tls, in the target's namespace, to present. */
  clientCertificate?: string;
}

/** What a core needs to know. `id` is the question's canonical text (see `question.ts`). */
export type Question =
  | { type: "get"; id: string; target: ObjectRef; pollMs?: number }
  | { type: "list"; id: string; apiVersion: string; kind: string; namespace?: string; selector: string; limit?: number; pollMs?: number }
  | { type: "http"; id: string; call: HttpCall; pollMs?: number };
