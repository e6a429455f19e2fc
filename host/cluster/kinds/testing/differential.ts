/**
 * The same writes, in dry run, to a real API server and to our own rules; every difference is told. Objects are examples of a
 * kind and mutations of them: new ones by POST, and changes of the examples, which are made for real first, by PUT.
 */
import assert from "node:assert/strict";
import { Dice } from "../../../../tests/fidelity/random.ts";
import { Target, type Reply } from "../../../../tests/fidelity/target.ts";
import type { ControlPlane } from "../../../../tests/support/control-plane.ts";
import { resourceName, type ClusterObject, type Json, type JsonObject } from "../../model.ts";
import { BUILTIN_TYPES } from "../../schema/facts.ts";
import { builtinKinds } from "../index.ts";
import type { Kind } from "../kind.ts";
import { harvest, mutate, type Pool } from "./mutate.ts";
import { STORED, tables } from "./tables.ts";
import { write, type Call, type Outcome, type World } from "./ours.ts";

/** How often a request is repeated whose answer differs in order alone. */
const ORDERS_MAX = 40;
const ORDERS_MANY = 3;
const UNKNOWN = "00000000-0000-4000-8000-000000000000";
/** How often another mutation is made, to find one that is refused. */
const ATTEMPTS_MAX = 40;
/** Examples, which come first, are mostly good. */
const SPARE = 4;
export const NAMESPACE = "kinds";

export interface Corpus {
  readonly group?: string;
  readonly version?: string;
  readonly kind: string;
  readonly objects: readonly JsonObject[];
  /** Of these, the objects whose changes are tried; default: all that can be made. */
  readonly updatable?: (object: JsonObject) => boolean;
  /** How often metadata is changed rather than the rest; more for kinds that have few rules of their own. */
  readonly metadata?: number;
  /** False where an empty list is something else than none, which our decoding doesn't tell. */
  readonly emptyLists?: false;
  /** Values to be tried of fields with a syntax of their own, by the field's name. */
  readonly values?: { readonly [field: string]: readonly Json[] };
  /** Subresources that are written to as well ("status"), and what of the object they write. */
  readonly subresources?: { readonly [name: string]: readonly string[] };
}

export interface Found { readonly what: string; readonly expected: unknown; readonly actual: unknown }
export interface Result { readonly operations: number; readonly refused: number; readonly found: readonly Found[] }

interface Sent extends Call { readonly verb: "POST" | "PUT"; readonly path: string }

export async function compareKind(corpus: Corpus, plane: ControlPlane, seed: number, count: number): Promise<Result> {
  const kind = builtinKinds().find((each) => each.kind === corpus.kind && each.group === (corpus.group ?? "") && each.version === (corpus.version ?? "v1"));
  assert(kind !== undefined, `no rules for ${corpus.kind}`);
  const targets = Array.from({ length: 3 }, () => new Target({ name: "real", url: plane.url, ca: plane.ca, token: plane.token }));
  try {
    return await new Comparison(corpus, kind, targets, seed).run(count);
  } finally {
    for (const target of targets) target.close();
  }
}

class Comparison {
  readonly #corpus: Corpus;
  readonly #kind: Kind;
  readonly #targets: readonly Target[];
  readonly #dice: Dice;
  readonly #pool: Pool = { structs: new Map(), scalars: new Map() };
  readonly #world = new Map<string, ClusterObject>();
  readonly #found: Found[] = [];
  #refused = 0;

  constructor(corpus: Corpus, kind: Kind, targets: readonly Target[], seed: number) {
    this.#corpus = corpus;
    this.#kind = kind;
    this.#targets = targets;
    this.#dice = new Dice(seed);
  }

  async run(count: number): Promise<Result> {
    await this.#learnWorld();
    for (const [field, values] of Object.entries(this.#corpus.values ?? {})) this.#pool.scalars.set(field, [...values]);
    const live = await this.#makeExamples();
    const calls: Sent[] = this.#corpus.objects.map((object) => this.#post(object));
    for (const old of live) for (const subresource of [undefined, ...Object.keys(this.#corpus.subresources ?? {})]) calls.push(this.#put(old as unknown as JsonObject, old, subresource));
    let refused = 0;
    while (calls.length < count) {
      // At least half are to be refused, as far as the kind refuses anything.
      let call = this.#mutation(live);
      for (let more = 0; more < ATTEMPTS_MAX && refused * 2 <= calls.length + SPARE && this.#ours(call).status < 400; more++) call = this.#mutation(live);
      if (this.#ours(call).status >= 400) refused++;
      calls.push(call);
    }
    await Promise.all(this.#targets.map(async (target, lane) => {
      for (let n = lane; n < calls.length; n += this.#targets.length) await this.#compare(calls[n]!, target);
    }));
    await this.#compareTables();
    for (const { metadata } of live) await this.#remove(metadata.name);
    return { operations: calls.length, refused: this.#refused, found: this.#found };
  }

  async #compareTables(): Promise<void> {
    const { expected, actual } = await tables(this.#kind, this.#targets[0]!, this.#path(), STORED[`${this.#kind.group}/${this.#kind.version}/${this.#kind.kind}`]?.(NAMESPACE));
    if (JSON.stringify(expected) !== JSON.stringify(actual)) this.#found.push({ what: "kubectl get", expected, actual });
  }

  async #remove(name: string): Promise<void> {
    const target = this.#targets[0]!;
    const path = `${this.#path()}/${name}`;
    await target.send({ method: "DELETE", path: `${path}?gracePeriodSeconds=0` }, true);
    const { status, body } = await target.send({ method: "GET", path }, true);
    if (status !== 200) return;
    // Nobody is there to clear it away.
    const free = { ...body, metadata: { ...body.metadata, finalizers: [] }, ...this.#kind.kind === "Namespace" ? { spec: { finalizers: [] } } : {} };
    await target.send({ method: "PUT", path, body: free }, true);
    if (this.#kind.kind === "Namespace") await target.send({ method: "PUT", path: `${path}/finalize`, body: { ...free, metadata: { name } } }, true);
  }

  #path(): string {
    const { group, version, plural, namespaced } = this.#kind;
    return `${group === "" ? "/api" : `/apis/${group}`}/${version}${namespaced ? `/namespaces/${NAMESPACE}` : ""}/${plural}`;
  }

  /** What policies and strategies look up. */
  async #learnWorld(): Promise<void> {
    const lists = { namespaces: "/api/v1/namespaces", nodes: "/api/v1/nodes", "priorityclasses.scheduling.k8s.io": "/apis/scheduling.k8s.io/v1/priorityclasses", services: "/api/v1/services" };
    for (const [resource, path] of Object.entries(lists)) {
      for (const object of (await this.#targets[0]!.send({ method: "GET", path }, true)).body.items) {
        this.#world.set(`${resource} ${object.metadata.namespace ?? ""}/${object.metadata.name}`, object);
      }
    }
  }

  async #makeExamples(): Promise<ClusterObject[]> {
    const live: ClusterObject[] = [];
    const resource = resourceName({ group: this.#kind.group, resource: this.#kind.plural });
    for (const object of this.#corpus.objects) {
      harvest(object, { struct: this.#kind.type }, "", this.#pool);
      const create = (): Promise<Reply> => this.#targets[0]!.send({ method: "POST", path: this.#path(), body: object }, true);
      let made = await create();
      if (made.status === 409) {
        // Left over by a run that was cut short.
        await this.#remove((object.metadata as JsonObject).name as string);
        made = await create();
      }
      if (made.status !== 201) continue;
      this.#world.set(`${resource} ${made.body.metadata.namespace ?? ""}/${made.body.metadata.name}`, made.body);
      if (this.#corpus.updatable?.(object) ?? true) live.push(made.body as ClusterObject);
    }
    assert(live.length > 0, `no example of ${this.#corpus.kind} could be made`);
    return live;
  }

  #mutation(live: readonly ClusterObject[]): Sent {
    const dice = this.#dice;
    const times = dice.of([1, 1, 1, 1, 2, 2, 3]);
    const all = Object.keys(BUILTIN_TYPES[this.#kind.type]!.fields).filter((field) => field !== "apiVersion" && field !== "kind");
    // Metadata has rules of its own, the same everywhere: it is tried, but not as often as its size would have it.
    const under = dice.chance(this.#corpus.metadata ?? 0.05) ? ["metadata"] : all.filter((field) => field !== "metadata" && field !== "status");
    if (dice.chance(0.55)) return this.#post(mutate(dice.of(this.#corpus.objects), this.#kind.type, under.length === 0 ? ["metadata"] : under, times, this.#pool, dice));
    const old = dice.of(live);
    const subresources = Object.entries(this.#corpus.subresources ?? {});
    const [subresource, fields] = subresources.length > 0 && dice.chance(0.3) ? dice.of(subresources) : [undefined, under];
    return this.#put(mutate(old as unknown as JsonObject, this.#kind.type, fields.length === 0 ? ["metadata"] : fields, times, this.#pool, dice), old, subresource);
  }
  #post(body: JsonObject): Sent {
    const copy = structuredClone(body);
    // The example itself is there.
    const metadata = (copy.metadata ??= {}) as JsonObject;
    if (typeof metadata.name === "string" && metadata.name !== "") metadata.name = `${metadata.name}-2`;
    return { verb: "POST", path: this.#path(), kind: this.#kind, body: copy, namespace: this.#kind.namespaced ? NAMESPACE : "" };
  }
  #put(body: JsonObject, old: ClusterObject, subresource: string | undefined): Sent {
    const path = `${this.#path()}/${old.metadata.name}${subresource === undefined ? "" : `/${subresource}`}`;
    const named = { ...this.#corpus.emptyLists === false ? withoutEmptyLists(body) as JsonObject : body, metadata: { ...body.metadata as JsonObject, name: old.metadata.name, ...old.metadata.namespace === undefined ? {} : { namespace: old.metadata.namespace }, ...this.#kind.strategy.unconditionalUpdate ? {} : { resourceVersion: old.metadata.resourceVersion! } } };
    return { verb: "PUT", path, kind: this.#kind, body: named, old, namespace: this.#kind.namespaced ? NAMESPACE : "", ...subresource === undefined ? {} : { subresource } };
  }

  #ours(call: Sent): Outcome {
    const world: World = {
      get: (resource, namespace, name) => this.#world.get(`${resource} ${namespace ?? ""}/${name}`),
      list: (resource, namespace) => [...this.#world].filter(([key]) => key.startsWith(`${resource} ${namespace ?? ""}`)).map(([, object]) => object),
    };
    return write(call, world);
  }

  async #compare(call: Sent, target: Target): Promise<void> {
    const ours = this.#ours(call);
    if (ours.status >= 400) this.#refused++;
    let difference: Found | undefined;
    const orders = new Set<string>();
    // The real server walks Go's maps, in another order each time.
    for (let attempt = 0; attempt < ORDERS_MAX; attempt++) {
      const theirs = await target.send({ method: call.verb, path: `${call.path}?dryRun=All&fieldValidation=Ignore`, body: call.body }, true);
      // The real server panicked: there is nothing to compare with.
      if (theirs.status === 0) return;
      difference = differenceOf(call, theirs, ours);
      if (difference === undefined || !sameButForOrder(difference)) break;
      orders.add(JSON.stringify(difference.expected));
    }
    // Of many orders ours may be one that doesn't come up in time.
    if (orders.size >= ORDERS_MANY) return;
    if (difference !== undefined) this.#found.push(difference);
  }
}

function withoutEmptyLists(value: Json): Json {
  return JSON.parse(JSON.stringify(value, (_, each: unknown) => (Array.isArray(each) && each.length === 0 ? undefined : each))) as Json;
}

/** Once each: what is said again isn't sent again. */
function warningsOf(told: readonly string[]): string[] {
  return [...new Set(told)];
}

function sameButForOrder({ expected, actual }: Found): boolean {
  // An index goes with the order.
  const letters = (value: unknown): string => [...JSON.stringify(value).replace(/\[\d+\]/g, "")].sort().join("");
  return letters(expected) === letters(actual);
}

function differenceOf(call: Sent, theirs: Reply, ours: Outcome): Found | undefined {
  const expected = { ...comparable(theirs.status, unmade(theirs.body, call)), warnings: warningsOf(theirs.warnings.map((each) => JSON.parse(each.slice("299 - ".length)) as string)) };
  const actual = { ...comparable(ours.status, unmade(ours.body, call)), warnings: warningsOf(ours.warnings) };
  try {
    assert.deepEqual(actual, expected);
    return undefined;
  } catch {
    return { what: `${call.verb} ${call.path} ${JSON.stringify(call.body)}`, expected, actual };
  }
}

/** Names and numbers that were made up are all the same. */
function unmade(body: JsonObject, { body: sent, old }: Sent): JsonObject {
  const base = (sent.metadata as JsonObject).generateName;
  const known = JSON.stringify([sent, old]);
  let text = JSON.stringify(body).replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (each) => (known.includes(each) ? each : UNKNOWN));
  if (typeof base === "string" && base !== "") text = text.replace(new RegExp(`${base.replace(/[^a-z0-9]/gi, "\\$&")}[a-z0-9]{5}`, "g"), `${base}made`);
  return JSON.parse(text) as JsonObject;
}

/** Without what is made up, in an order that doesn't matter. */
function comparable(status: number, body: JsonObject): { http: number; body: unknown } {
  if (status >= 400) return { http: status, body: undiffed(body) };
  const { uid: _, creationTimestamp: __, resourceVersion: ___, managedFields: ____, ...metadata } = body.metadata as JsonObject;
  if (typeof metadata.generateName === "string") delete metadata.name;
  return { http: status, body: JSON.parse(JSON.stringify({ ...body, metadata }).replace(/("last(?:Phase)?TransitionTime":)"[^"]*"/g, "$1\"T\"")) };
}

/**
 * What a spec was and is, line by line, is told by the real server alone: it is cut off the causes. The message must be the
 * causes, one by one; then it is made anew of what is left of them.
 */
function undiffed(whole: JsonObject): JsonObject {
  // Whether a list in a complaint is empty or not there at all, decoding does not tell.
  const body = JSON.parse(JSON.stringify(whole).replace(/\\":(\[\]|\{\})/g, "\\\":null").replace(/(Invalid|Unsupported) value: (\[\]|\{\})/g, "$1 value: null")) as JsonObject;
  const details = body.details as { name?: string; causes?: { reason: string; message: string; field: string }[] } | undefined;
  if (body.reason !== "Invalid" || details?.causes === undefined) return body;
  const told = messageOf(details.causes);
  assert(String(body.message).endsWith(` is invalid: ${told}`), `the message is not its causes: ${JSON.stringify(body)}`);
  const causes = details.causes.map((cause) => ({ ...cause, message: cause.message.replace(/\n@@ [^]*/, "\n") }));
  return { ...body, message: String(body.message).replace(told, () => messageOf(causes)), details: { ...details, causes } };
}
function messageOf(causes: readonly { message: string; field: string }[]): string {
  const texts = [...new Set(causes.map(({ field, message }) => `${field}: ${message}`))];
  return texts.length === 1 ? texts[0]! : `[${texts.join(", ")}]`;
}
