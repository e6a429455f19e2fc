/**
 * `operator.yaml`, key by key: what each may hold, and what is said when it does not.
 */
import type { Call, KindRef, Limits, OwnedKind, OwnedVerb, PrimaryKind, ReadKind } from "../protocol/manifest.ts";
import { DEFAULT_LIMITS } from "../protocol/manifest.ts";
import type { KnownKind } from "./kinds.ts";
import { keyOf } from "./kinds.ts";
import { oneOf } from "./suggest.ts";
import type { Cursor } from "./yaml.ts";

/** In the order in which they are listed in a manifest. */
export const VERBS: readonly OwnedVerb[] = ["apply", "create", "patch", "delete", "evict", "adopt"];

export const KEYS = {
  operator: ["name", "version", "for", "owns", "reads", "calls", "finalizer", "limits"],
  for: ["kind", "fields"],
  owns: ["kind", "link", "fields", "verbs", "shared"],
  reads: ["kind", "fields", "byName"],
  call: ["name", "target", "port", "scheme", "method", "path", "effect", "timeoutMs", "clientCertificate"],
};

/** A declared kind, with the paths declared for it (undefined: all). */
export interface Declared<T extends KindRef> {
  readonly at: Cursor;
  readonly kind: T;
  readonly fields: readonly Cursor[] | undefined;
}

export function readName(operator: Cursor): string {
  const at = operator.need("name", "string", "A DNS label, for example 'name: myapp'.");
  const name = (at?.json() as string | undefined) ?? "";
  if (at !== undefined && (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name) || name.length > 50)) {
    at.error("YAML1007", `'${name}' cannot be the name of an operator.`,
      "It names its ServiceAccount and its Lease: lower-case letters, digits and '-', at most 50, for example 'my-app'.");
  }
  return name;
}

export function readVersion(operator: Cursor): string {
  const at = operator.need("version", "string", "For example 'version: 0.1.0'.");
  const version = (at?.json() as string | undefined) ?? "";
  if (at !== undefined && !/^[0-9]+\.[0-9]+\.[0-9]+([-+][0-9A-Za-z.+-]+)?$/.test(version)) {
    at.error("YAML1007", `'${version}' is not a version.`, "Three numbers, for example '0.1.0'.");
  }
  return version;
}

/** Reads `fields`; an empty list is a mistake, not a wish for nothing. */
export function readFields(entry: Cursor): readonly Cursor[] | undefined {
  const list = entry.take("fields", "list");
  if (list === undefined) return undefined;
  const paths = entry.texts("fields").map(({ at }) => at);
  if (list.items().length === 0) {
    list.error("YAML1204", "'fields' is empty.", "Leave it out to observe everything, or name at least one field, for example 'spec'.");
  }
  return paths;
}

export function readOwned(entry: Cursor, known: KnownKind, primary: PrimaryKind | undefined): OwnedKind {
  const link = readLink(entry, known, primary);
  const verbs = readVerbs(entry, known);
  return { ...refOf(known), type: known.type, link, shared: entry.boolean("shared") ?? false, verbs };
}

function readLink(entry: Cursor, known: KnownKind, primary: PrimaryKind | undefined): OwnedKind["link"] {
  const at = entry.take("link", "string");
  const text = (at?.json() as string | undefined) ?? "ownerReference";
  if (text !== "ownerReference" && text !== "uidLabel") {
    at!.error("YAML1301", `There is no link '${text}'.`, oneOf(text, ["ownerReference", "uidLabel"]));
    return "ownerReference";
  }
  if (text === "ownerReference" && primary?.namespaced === true && !known.namespaced) {
    const message = `${known.kind} is cluster-scoped, so it cannot have the namespaced ${primary.kind} as its owner.`;
    const hint = "Write 'link: uidLabel': the host then deletes it through a finalizer.";
    if (at === undefined) entry.errorAtKey("kind", "YAML1302", message, hint);
    else at.error("YAML1302", message, hint);
  }
  return text;
}

function readVerbs(entry: Cursor, known: KnownKind): OwnedVerb[] {
  const isPod = keyOf(known) === "v1 Pod";
  const possible = VERBS.filter((verb) => verb !== "evict" || isPod);
  if (entry.take("verbs", "list") === undefined) return possible;
  const chosen = new Set<string>();
  for (const { text, at } of entry.texts("verbs")) {
    if (text === "evict" && !isPod) {
      at.error("YAML1304", `Only a v1 Pod can be evicted, not a ${known.kind}.`, "Use 'delete'.");
    } else if (!VERBS.includes(text as OwnedVerb)) {
      at.error("YAML1303", `There is no verb '${text}'.`, VERB_ALIASES[text.toLowerCase()] ?? oneOf(text, possible));
    } else if (chosen.has(text)) {
      at.error("YAML1303", `The verb '${text}' is given twice.`, "Once is enough.");
    }
    chosen.add(text);
  }
  return VERBS.filter((verb) => chosen.has(verb));
}

const VERB_ALIASES: { [word: string]: string } = {
  update: "Did you mean 'apply'? It creates and updates.", get: "What is owned is always observed; 'verbs' lists only what is written.",
  list: "What is owned is always observed; 'verbs' lists only what is written.", watch: "What is owned is always observed; 'verbs' lists only what is written.",
  "*": "Leave 'verbs' out to have them all.",
};

export function readRead(entry: Cursor, known: KnownKind): ReadKind {
  // A watch of all Secrets would put every password of the cluster into the memory of the host.
  const secret = keyOf(known) === "v1 Secret";
  const byName = entry.boolean("byName") ?? secret;
  if (secret && !byName) {
    entry.get("byName")?.error("YAML1305", "Secrets are only read by name.", "Leave 'byName' out: the core asks for each Secret by its name.");
  }
  return { ...refOf(known), type: known.type, byName };
}

export function refOf({ apiVersion, kind, plural, namespaced }: KindRef): KindRef {
  return { apiVersion, kind, plural, namespaced };
}

/** `kinds`: what is owned or read. */
export function readCalls(operator: Cursor, owns: readonly OwnedKind[], kinds: readonly KindRef[]): Call[] {
  const calls: Call[] = [];
  for (const entry of operator.take("calls", "list")?.items() ?? []) {
    if (entry.shape !== "mapping") {
      entry.error("YAML1005", `${entry.path} must be a mapping, not a ${entry.shape}.`, "For example {name: health, target: Pod, port: 8080, path: /healthz}.");
      continue;
    }
    const call = readCall(entry, owns);
    if (entry.take("clientCertificate", "boolean")?.json() === true) {
      checkCertificate(entry, call, kinds);
      call.clientCertificate = true;
    }
    if (calls.some((other) => other.name === call.name && call.name !== "")) {
      entry.get("name")!.error("YAML1506", `There are two calls named '${call.name}'.`, "Each has a name of its own: it becomes a method.");
    }
    calls.push(call);
  }
  return calls.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function readCall(entry: Cursor, owns: readonly OwnedKind[]): Call {
  entry.allow(KEYS.call);
  const name = entry.need("name", "string", "It becomes a method, for example 'memberList'.");
  if (name !== undefined && !/^[a-z][A-Za-z0-9]*$/.test(name.json() as string)) {
    name.error("YAML1501", `'${String(name.json())}' cannot be the name of a call.`, "It becomes a method: a lower-case letter, then letters and digits, for example 'memberList'.");
  }
  const method = choice(entry, "method", ["GET", "POST", "PUT", "DELETE"], "GET");
  const effect = choice(entry, "effect", ["read", "change", "destructive"], "read");
  if (effect === "read" && (method === "PUT" || method === "DELETE")) {
    (entry.get("effect") ?? entry.get("method"))!.error("YAML1505", `A ${method} changes something, so its effect cannot be 'read'.`,
      "Write 'effect: change', or 'effect: destructive' if it loses data.");
  }
  return {
    name: (name?.json() as string | undefined) ?? "",
    targetKind: readTarget(entry, owns),
    port: whole(entry.need("port", "number", "The port that the Pod or Service listens on."), 1, 65_535, "YAML1503") ?? 1,
    scheme: choice(entry, "scheme", ["http", "https"], "http"),
    method,
    path: readPath(entry),
    effect,
    timeoutMs: whole(entry.take("timeoutMs", "number"), 1, 60_000, "YAML1503") ?? 5_000,
  };
}

/** A certificate is presented by the host itself, past the API server's proxy. */
function checkCertificate(entry: Cursor, { scheme, targetKind }: Call, kinds: readonly KindRef[]): void {
  const at = entry.get("clientCertificate")!;
  if (scheme !== "https") at.error("YAML1508", "A client certificate is part of TLS, and this call goes over http.", "Write 'scheme: https'.");
  if (targetKind !== "Pod") at.error("YAML1508", "A client certificate can only be presented to a Pod.", "Write 'target: Pod': the way there is a port-forward, which Services don't have.");
  if (!kinds.some((kind) => keyOf(kind) === "v1 Secret")) {
    at.error("YAML1508", "A client certificate comes out of a Secret, and no v1 Secret is in 'owns' or 'reads'.", "Add '- kind: v1 Secret' to 'reads'.");
  }
}

function readTarget(entry: Cursor, owns: readonly OwnedKind[]): Call["targetKind"] {
  const at = entry.need("target", "string", "Pod or Service.");
  const text = at?.json() as string | undefined;
  if (at === undefined || text === undefined) return "Pod";
  if (text !== "Pod" && text !== "Service") {
    at.error("YAML1502", `A call goes to a Pod or a Service, not to '${text}'.`, /:\/\//.test(text) ? "A URL can never be called: only endpoints of the operator's own." : oneOf(text, ["Pod", "Service"]));
    return "Pod";
  }
  if (!owns.some((owned) => keyOf(owned) === `v1 ${text}`)) {
    at.error("YAML1504", `A call may only reach a ${text} of the operator's own, and no v1 ${text} is in 'owns'.`, `Add '- kind: v1 ${text}' to 'owns'.`);
  }
  return text;
}

function readPath(entry: Cursor): string {
  const at = entry.need("path", "string", "For example '/healthz'.");
  const path = (at?.json() as string | undefined) ?? "/";
  if (/^https?:/.test(path)) {
    at!.error("YAML1507", "A path is not a URL.", `Write only what comes after the host, for example '${path.replace(/^https?:\/*[^/]*/, "") || "/"}'.`);
  } else if (!path.startsWith("/")) {
    at!.error("YAML1507", `The path '${path}' must begin with '/'.`, `Write '/${path}'.`);
  } else if (/[\s#\\]|\/\/|(^|\/)\.\.?(\/|$)/.test(path)) {
    at!.error("YAML1507", `The path '${path}' has parts that a proxy would read in its own way.`, "Use a plain path: no '//', '.', '..', '#' or spaces.");
  }
  return path;
}

function choice<T extends string>(entry: Cursor, key: string, values: readonly T[], otherwise: T): T {
  const at = entry.take(key, "string");
  if (at === undefined) return otherwise;
  const text = at.json() as T;
  if (values.includes(text)) return text;
  at.error("YAML1007", `'${key}' cannot be '${text}'.`, oneOf(text, values));
  return otherwise;
}

/** An integer within bounds, both included. */
function whole(at: Cursor | undefined, min: number, max: number, code: string, hint?: string): number | undefined {
  if (at === undefined) return undefined;
  const value = at.json();
  if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) return value;
  at.error(code, `${at.path} must be an integer from ${min} to ${max}, not ${String(value)}.`, hint);
  return undefined;
}

/** The largest that make sense: counters are 32 bits wide, and a plan has to fit the memory. */
const LIMITS_MAX: Limits = {
  fuel: 2_000_000_000, depth: 100_000, memoryMaxPages: 16_384, planBytesMax: 1 << 26, actionsMax: 10_000, questionsMax: 10_000, roundsMax: 100,
};

export function readLimits(operator: Cursor): Limits {
  const limits = { ...DEFAULT_LIMITS };
  const at = operator.take("limits", "mapping");
  at?.allow(Object.keys(DEFAULT_LIMITS));
  for (const key of Object.keys(DEFAULT_LIMITS) as (keyof Limits)[]) {
    limits[key] = whole(at?.take(key, "number"), 1, LIMITS_MAX[key], "YAML1401", `The default is ${DEFAULT_LIMITS[key]}.`) ?? limits[key];
  }
  return limits;
}
