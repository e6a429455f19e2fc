/**
 * One operator: its watches, its queue, its passes.
 */
import type { Core } from "../core/core.ts";
import type { Platform, Transport } from "../platform/platform.ts";
import type { Caller } from "./answers.ts";
import { ApplyMemo } from "./apply/memo.ts";
import { backoffMs } from "./backoff.ts";
import { type CachedObject, type Change, type Informers, keyOf, type ObjectKey, type Recorder } from "./contracts.ts";
import { Declarations, type DeclaredKind, OWNER_LABEL } from "./declarations.ts";
import { Dependencies } from "./dependencies.ts";
import { Events } from "./events.ts";
import { type ExecutorContext, targetId } from "./executor/act.ts";
import { Executor } from "./executor.ts";
import { type Log, SILENT } from "./log.ts";
import { type Metrics, NO_METRICS } from "./metrics.ts";
import { OwnWrites } from "./own-writes.ts";
import { type Acted, type Memory, type PassContext, runPass } from "./pass.ts";
import { Newcomers } from "./newcomers.ts";
import { report } from "./report.ts";
import { OperatorStores } from "./stores.ts";
import { WorkQueue } from "./workqueue.ts";
import { ALWAYS, type WriteGate, Writer } from "./writer.ts";

export interface OperatorOptions {
  readonly core: Core;
  readonly transport: Transport;
  readonly informers: Informers;
  readonly platform: Platform;
  readonly caller?: Caller | undefined;
  readonly recorder?: Recorder | undefined;
  readonly log?: Log | undefined;
  readonly metrics?: Metrics | undefined;
  readonly gate?: WriteGate | undefined;
  /** Who this host is, in Events. */
  readonly instance?: string | undefined;
  /** Passes with requests under way at a time. Default 16. */
  readonly concurrency?: number | undefined;
  /** Write as this user: the operator's own ServiceAccount in a shared host. */
  readonly impersonate?: { user: string; groups: string[] } | undefined;
  /** Send Events. Default true. */
  readonly events?: boolean | undefined;
  /** How long a cache may lag behind our own write before it reconnects. Default 10 s. */
  readonly ownWriteDeadlineMs?: number | undefined;
}

export class Operator {
  readonly declarations: Declarations;
  readonly stores: OperatorStores;
  readonly queue: WorkQueue;
  readonly #options: OperatorOptions;
  readonly #log: Log;
  readonly #metrics: Metrics;
  readonly #dependencies = new Dependencies();
  readonly #memory = new Map<ObjectKey, Memory>();
  readonly #memo: ApplyMemo;
  readonly #ownWrites: OwnWrites;
  readonly #events: Events | undefined;
  readonly #pass: PassContext;
  /** uid -> key of primaries, for links by label. */
  readonly #primaries = new Map<string, ObjectKey>();
  readonly #undo: (() => void)[] = [];
  #stopped = false;

  constructor(options: OperatorOptions) {
    const { core, informers, platform } = options;
    this.#options = options;
    this.#log = options.log ?? SILENT;
    this.#metrics = options.metrics ?? NO_METRICS;
    this.declarations = new Declarations(core.manifest, informers.namespaces);
    this.#memo = new ApplyMemo(platform.digest);
    this.stores = new OperatorStores(this.declarations, informers, platform.timers, (kind, change) => this.#readChanged(kind, change));
    this.queue = new WorkQueue({
      name: core.manifest.name, clock: platform.clock, timers: platform.timers, metrics: this.#metrics,
      ...(options.concurrency === undefined ? {} : { concurrency: options.concurrency }),
    });
    this.#ownWrites = new OwnWrites({
      timers: platform.timers, informers, storeOf: (kind, namespace, name) => this.stores.showing(kind, namespace, name),
      onSeen: (key) => this.queue.add(key), ...(options.ownWriteDeadlineMs === undefined ? {} : { deadlineMs: options.ownWriteDeadlineMs }),
    });
    const acting = this.#acting();
    if (options.events !== false) this.#events = this.#makeEvents(acting.writer);
    this.#pass = {
      decider: { core, declarations: this.declarations, caller: options.caller }, stores: this.stores, informers, executor: new Executor(acting),
      acting, dependencies: this.#dependencies, recorder: options.recorder, platform, memory: this.#memory, newcomers: new Newcomers(), stopped: () => this.#stopped,
    };
    this.#listen();
  }

  get name(): string {
    return this.declarations.manifest.name;
  }

  /** Begins passes: everything in the cache first. Call when `stores.synced` and the Lease is held. */
  start(): void {
    for (const primary of this.stores.primary.list()) this.queue.add(keyOf(primary.ref.namespace, primary.ref.name));
    this.queue.start((key) => this.#work(key));
  }

  /** Ends passes, for a while; resolves when those under way have ended. */
  pause(): Promise<void> {
    return this.queue.pause();
  }

  /** Ends for good: passes finish the actions that are under way and begin no other. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.queue.stop();
    for (const undo of this.#undo) undo();
    this.stores.close();
    this.#ownWrites.close();
  }

  #acting(): ExecutorContext {
    const { transport, informers, platform, caller, gate = ALWAYS, impersonate } = this.#options;
    const writer = new Writer({ transport, text: platform.text, gate, metrics: this.#metrics, ...(impersonate === undefined ? {} : { impersonate }) });
    return {
      declarations: this.declarations, writer, gate, ownWrites: this.#ownWrites, informers, memo: this.#memo, caller, metrics: this.#metrics, transport,
      text: platform.text, clock: platform.clock, random: platform.random, digest: platform.digest,
    };
  }

  #makeEvents(writer: Writer): Events {
    const { platform: { clock, random }, instance = this.name } = this.#options;
    return new Events({ operator: this.name, writer, clock, random, metrics: this.#metrics, instance });
  }

  #listen(): void {
    this.#undo.push(this.stores.primary.onChange((change) => this.#primaryChanged(change)));
    for (const kind of this.declarations.owned) {
      const store = this.stores.of(kind);
      if (store !== undefined) this.#undo.push(store.onChange((change) => this.#ownedChanged(kind, change)));
    }
  }

  #primaryChanged(change: Change): void {
    const { before, after } = change;
    const { ref } = (after ?? before)!;
    const key = keyOf(ref.namespace, ref.name);
    if (before !== undefined && before.uid !== after?.uid) this.#forget(key, before.uid);
    if (after === undefined) return;
    this.#primaries.set(after.uid, key);
    const { projection } = this.declarations.primary;
    if (before === undefined || before.uid !== after.uid || before.generation !== after.generation || before.deletionTimestamp !== after.deletionTimestamp) {
      this.queue.add(key, true);
    } else if (before.finalizers.length !== after.finalizers.length || before.text(projection) !== after.text(projection)) {
      this.queue.add(key);
    }
    this.#readChanged(this.declarations.primary, change);
  }

  #forget(key: ObjectKey, uid: string): void {
    this.#primaries.delete(uid);
    this.#memory.delete(key);
    this.#dependencies.forget(key);
    this.#ownWrites.forget(key);
    this.queue.forget(key);
  }

  #ownedChanged(kind: DeclaredKind, change: Change): void {
    const { before, after } = change;
    const was = before === undefined ? [] : this.#ownersOf(kind, before);
    const is = after === undefined ? [] : this.#ownersOf(kind, after);
    if (after === undefined) this.#memo.forget(targetId(kind, before!.ref.namespace, before!.ref.name));
    const same = before !== undefined && after !== undefined && was.join() === is.join() && sameLabels(kind, before, after)
      && before.text(kind.projection) === after.text(kind.projection);
    if (!same) for (const key of new Set([...was, ...is])) this.queue.add(key);
    this.#readChanged(kind, change);
  }

  /** The primaries that `object` is linked to. */
  #ownersOf(kind: DeclaredKind, object: CachedObject): ObjectKey[] {
    const uids = kind.owned?.link === "uidLabel" ? [object.labels[OWNER_LABEL] ?? ""] : object.owners.map((owner) => owner.uid);
    return uids.flatMap((uid) => this.#primaries.get(uid) ?? []);
  }

  #readChanged(kind: DeclaredKind, change: Change): void {
    this.#dependencies.changed(kind, change, (reader) => this.queue.add(reader));
  }

  async #work(key: ObjectKey): Promise<void> {
    const { clock, random } = this.#options.platform;
    const startMs = clock.monotonicMs();
    try {
      const outcome = await runPass(this.#pass, key);
      if (outcome.kind !== "acted") return;
      this.#queueAgain(key, outcome, random);
      report({ log: this.#log, metrics: this.#metrics, events: this.#events, operator: this.name }, key, outcome, this.#memory.get(key), clock.monotonicMs() - startMs);
    } catch (error) {
      // runPass is not to throw; should it, the object waits and the others go on.
      this.#log.write("error", "a pass broke off: this is a defect of the host", { operator: this.name, object: key, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
      this.queue.hold(key, backoffMs(10, random));
    }
  }

  #queueAgain(key: ObjectKey, outcome: Acted, random: Platform["random"]): void {
    if (outcome.failure !== undefined) {
      const failures = this.#memory.get(key)?.failures ?? 1;
      this.queue.hold(key, Math.max(backoffMs(Math.max(failures, 1), random), outcome.failure.retryAfterMs ?? 0));
    } else if (outcome.requeueAfterMs !== undefined) {
      this.queue.addAfter(key, outcome.requeueAfterMs);
    }
  }
}

/** Labels are compared even where not declared: the owner's label is the host's own. */
function sameLabels(kind: DeclaredKind, before: CachedObject, after: CachedObject): boolean {
  return kind.owned?.link !== "uidLabel" || before.labels[OWNER_LABEL] === after.labels[OWNER_LABEL];
}

