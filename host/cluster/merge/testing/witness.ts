/**
 * One object on a real API server, and our word against the server's on every request to it. The server decodes, defaults
 * and validates what we make of a patch or an apply (a dry run of a PUT), and that must come to what it makes of the request
 * itself; then the managedFields are compared, byte for byte.
 */
import assert from "node:assert/strict";
import type { Answer, ApiClient, Loose } from "../../../../tests/support/api-client.ts";
import { StatusError } from "../../api/status-error.ts";
import type { ClusterObject, Json, JsonObject, ManagedFieldsEntry } from "../../model.ts";
import { type Apply, applyConfiguration } from "../apply.ts";
import { jsonPatch } from "../json-patch.ts";
import { mergePatch } from "../merge-patch.ts";
import type { Patched } from "../patched.ts";
import { strategicMergePatch } from "../strategic-patch.ts";
import type { Tracked, Versions } from "../tracking.ts";
import { updateManagedFields, withStoredTimes } from "../update.ts";
import { send } from "./real-server.ts";
import { copyOf, type Subject } from "./subjects.ts";
import { inAnyOrder, isWordOfTheApi, sameError, stripped, trackedNext } from "./normal.ts";

export type PatchKind = "merge" | "json" | "strategic";
export interface Ask { readonly manager?: string; readonly subresource?: "status"; readonly force?: boolean }

const CONTENT_TYPES = {
  merge: "application/merge-patch+json", json: "application/json-patch+json", strategic: "application/strategic-merge-patch+json",
  apply: "application/apply-patch+yaml",
} as const;
/** What the server does in no certain order is asked for again: so often. */
const TRIES = 12;

/** How often what happened, over a whole test. */
export class Tally {
  readonly #counts = new Map<string, number>();
  count(what: string): void { this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1); }
  of(what: string): number { return this.#counts.get(what) ?? 0; }
  sum(test: (what: string) => boolean): number { return [...this.#counts].reduce((sum, [what, count]) => sum + (test(what) ? count : 0), 0); }
  get text(): string { return [...this.#counts].sort().map(([what, count]) => `${what}: ${count}`).join(", "); }
}

export class Witness {
  readonly subject: Subject;
  readonly #api: ApiClient;
  readonly #tally: Tally;
  readonly #name: string;
  readonly #versions: Versions | undefined;
  /** The object as the server has it; undefined when it has none. */
  live: Loose;

  constructor(api: ApiClient, subject: Subject, tally = new Tally(), versions?: Versions) {
    this.#api = api;
    this.subject = subject;
    this.#tally = tally;
    this.#name = (subject.sample["metadata"] as JsonObject)["name"] as string;
    this.#versions = versions;
  }

  /** Removes what another test left. */
  async clear(): Promise<void> {
    const path = `${this.subject.collection}/${this.#name}`;
    await this.#api.request("PATCH", path, { metadata: { finalizers: null } }, CONTENT_TYPES.merge);
    await this.#api.request("DELETE", `${path}?gracePeriodSeconds=0`);
    this.live = undefined;
  }

  async create(object: JsonObject = this.subject.sample, { manager = "creator" }: Ask = {}): Promise<Answer> {
    await this.clear();
    const since = nowSeconds();
    const real = await send(this.#api, "POST", `${this.subject.collection}?fieldManager=${manager}`, object);
    this.#tally.count(`create ${real.status}`);
    if (real.status === 201) this.#track(real, object, since, { manager }, undefined);
    return real;
  }

  async put(body: JsonObject, ask: Ask = {}): Promise<Answer> {
    const since = nowSeconds();
    const real = await send(this.#api, "PUT", this.#url(ask), body);
    this.#tally.count(`put ${real.status}`);
    if (real.status < 300) this.#track(real, body, since, ask, this.live);
    return real;
  }

  async patch(kind: PatchKind, body: Json, ask: Ask = {}): Promise<Answer> {
    const { live, subject } = this;
    const ours = attempt([live, body], () => patchers[kind](live as JsonObject, body, subject));
    const predicted = "error" in ours ? undefined : await send(this.#api, "PUT", `${this.#url(ask)}&dryRun=All&fieldValidation=Ignore`, ours.value.value);
    const since = nowSeconds();
    const request = (): Promise<Answer> => send(this.#api, "PATCH", this.#url(ask), body, CONTENT_TYPES[kind]);
    let real = await request();
    // Members of a patch are merged in no certain order, so that of two errors either may be found first.
    for (let at = 0; kind === "strategic" && "error" in ours && real.status >= 400 && at < TRIES && !sameError(ours.error, real); at++) real = await request();
    this.#tally.count(`${kind} patch ${real.status}`);
    if (real.status === 0 || real.status >= 400) this.#refused(ours, predicted, real);
    else {
      this.live = real.body;
      assert.ok(!("error" in ours), `we refuse what the server takes: ${"error" in ours ? ours.error.message : ""}`);
      assert.deepEqual(stripped(predicted!.body), stripped(real.body), "the patched object");
      this.#track(real, ours.value.value, since, ask, live, true);
    }
    return real;
  }

  async apply(intent: JsonObject, ask: Ask = {}): Promise<Answer> {
    const { live, subject } = this;
    const request = this.#tracked(ask, "2000-01-01T00:00:00Z", live);
    const force = ask.force ?? false;
    const ours = attempt([live, intent], () => applyConfiguration({ ...request, intent, force }));
    const predicted = "error" in ours ? undefined : await this.#dryRun(ours.value, ask);
    const since = nowSeconds();
    const real = await send(this.#api, "PATCH", `${this.#url(ask)}&force=${force}`, intent, CONTENT_TYPES.apply);
    this.#tally.count(`apply ${real.status}`);
    if (real.status >= 400) this.#refused(ours, predicted, real);
    else {
      this.live = real.body;
      assert.ok(!("error" in ours), `we refuse what the server takes: ${"error" in ours ? ours.error.message : ""}`);
      assert.deepEqual(stripped(predicted!.body, subject, live === undefined), stripped(real.body, subject, live === undefined), "the object");
      this.#sameManagers(real, (now) => applyConfiguration({ ...request, now, intent, force } as Apply).metadata.managedFields, since, live);
    }
    return real;
  }

  /** The server's decoding, defaults and validation of what we made. */
  #dryRun(object: ClusterObject, ask: Ask): Promise<Answer> {
    const body = copyOf(object as unknown as JsonObject);
    if (body["metadata"]) delete (body["metadata"] as JsonObject)["managedFields"];
    const query = "&dryRun=All&fieldValidation=Ignore";
    if (this.live !== undefined) return send(this.#api, "PUT", this.#url({ ...ask, manager: "dry" }) + query, body);
    return send(this.#api, "POST", `${this.subject.collection}?fieldManager=dry${query}`, body);
  }

  #refused(ours: Attempt<unknown>, predicted: Answer | undefined, real: Answer): void {
    if (isWordOfTheApi(real)) return this.#tally.count("api's own words");
    if ("error" in ours) {
      assert.ok(sameError(ours.error, real), `another error:\nours ${JSON.stringify(ours.error.toStatus())}\nreal ${JSON.stringify(real.body)}`);
      return this.#tally.count("same error");
    }
    const message: string = real.body.message ?? "";
    const unfit = ` "" is invalid: patch: Invalid value: `;
    if (message.startsWith(unfit)) {
      const shown = JSON.stringify((ours.value as Patched).shown());
      assert.equal(message.slice(unfit.length, unfit.length + shown.length), shown, "what the refusal shows of the patch");
      return this.#tally.count("unfit, shown alike");
    }
    // What is said of an applied object that can't be decoded is the decoder's affair.
    if (message.startsWith("failed to convert")) return this.#tally.count("unfit");
    // The server takes nulls out of custom resources that it decodes, but not out of those that were applied.
    if (this.subject.custom && message.includes(`"null"`)) return this.#tally.count("nulls");
    assert.equal(inAnyOrder(predicted!.body.message), inAnyOrder(message), "the validation of what the request makes");
    return this.#tally.count("same validation");
  }

  #track(real: Answer, wanted: Json, since: number, ask: Ask, live: Loose, isPatch = false): void {
    const { subject } = this;
    this.live = real.body;
    const next = trackedNext(real.body, wanted as Loose, live, subject, ask.subresource, isPatch);
    const asked = (wanted as Loose)?.metadata?.managedFields as Json | undefined;
    this.#sameManagers(real, (now) => updateManagedFields({ ...this.#tracked(ask, now, live), next, asked }), since, live);
  }

  #sameManagers(real: Answer, ours: (now: string) => ManagedFieldsEntry[] | undefined, since: number, live: Loose): void {
    const theirs = real.body.metadata.managedFields as ManagedFieldsEntry[] | undefined;
    const now = (theirs ?? []).map(({ time }) => time ?? "").filter((time) => Date.parse(time) / 1000 >= since).sort().at(-1);
    const mine = ours(now ?? new Date(since * 1000).toISOString().replace(/\.\d+/, ""));
    if (JSON.stringify(mine) === JSON.stringify(theirs)) return this.#tally.count("same managers");
    // Where nothing else is written, the server puts the times back.
    const made = { ...real.body, metadata: { ...real.body.metadata, managedFields: mine } } as ClusterObject;
    const stored = live === undefined ? made : withStoredTimes(live as ClusterObject, made);
    if (JSON.stringify(stored.metadata.managedFields) === JSON.stringify(theirs)) return this.#tally.count("times put back");
    return assert.fail(`managedFields\nours ${JSON.stringify(mine)}\nreal ${JSON.stringify(theirs)}\nwere ${JSON.stringify(live?.metadata.managedFields)}`);
  }

  #tracked({ manager = "m", subresource }: Ask, now: string, live: Loose): Tracked {
    const { subject } = this;
    const { types, type, apiVersion, kind, custom } = subject;
    return { live, types, type, apiVersion, kind, manager, subresource, now, reset: subject.reset(subresource), versions: this.#versions, custom };
  }

  #url({ manager = "m", subresource }: Ask): string {
    return `${this.subject.collection}/${this.#name}${subresource === undefined ? "" : `/${subresource}`}?fieldManager=${manager}`;
  }
}

const patchers: { readonly [kind in PatchKind]: (doc: JsonObject, patch: Json, subject: Subject) => Patched } = {
  merge: (doc, patch) => mergePatch(doc, patch),
  json: (doc, patch) => jsonPatch(doc, patch),
  strategic: (doc, patch, { types, type }) => strategicMergePatch(doc, patch, types, type),
};

type Attempt<T> = { readonly value: T } | { readonly error: StatusError };

/** What it gives or throws; it must leave its inputs alone. */
function attempt<T>(inputs: readonly Json[], run: () => T): Attempt<T> {
  const before = JSON.stringify(inputs);
  try {
    return { value: run() };
  } catch (error) {
    if (error instanceof StatusError) return { error };
    throw error;
  } finally {
    assert.equal(JSON.stringify(inputs), before, "an input was changed");
  }
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
