/**
 * A host: many operators on one set of watches, under one Lease.
 */
import type { Core } from "../core/core.ts";
import type { Platform, Transport } from "../platform/platform.ts";
import type { Caller } from "./answers.ts";
import type { Informers, PassRecord, Recorder, Result } from "./contracts.ts";
import { Leader, type LeaseOptions } from "./leader.ts";
import { type Log, SILENT } from "./log.ts";
import { type Metrics, NO_METRICS } from "./metrics.ts";
import { Operator } from "./operator.ts";
import { caughtUp } from "./take-over.ts";

export interface HostOptions {
  readonly cores: readonly HostedCore[];
  readonly transport: Transport;
  readonly informers: Informers;
  readonly platform: Platform;
  /** Makes the declared calls. Default: none are made, questions of type http are unobserved. */
  readonly caller?: Caller;
  readonly recorder?: Recorder;
  readonly log?: Log;
  readonly metrics?: Metrics;
  /** Take part in leader election. Default: this host is alone. */
  readonly lease?: LeaseOptions;
  /** Who this host is, in Events. Default: the Lease's identity, or "toque". */
  readonly instance?: string;
  readonly events?: boolean;
  readonly ownWriteDeadlineMs?: number;
}
export interface HostedCore { readonly core: Core; readonly options?: CoreOptions }
export interface CoreOptions {
  /** Passes with requests under way at a time. Default 16. */
  readonly concurrency?: number;
  /** Write as this user. */
  readonly impersonate?: { user: string; groups: string[] };
}

export interface Host {
  /** Resolves when every cache is in: a standby is ready too. Never rejects; see `health`. */
  readonly ready: Promise<void>;
  readonly operators: readonly Operator[];
  /** Finishes or abandons what is under way, gives the Lease back, ends. The informers stay the caller's to close. */
  stop(): Promise<void>;
  health(): Health;
  /** The last passes, newest last. */
  recent(): readonly PassRecord[];
}
export interface Health {
  /** False when a restart is the only remedy left: none is known today. */
  readonly live: boolean;
  /** Caches are in. */
  readonly ready: boolean;
  /** This host's operators act (it holds the Lease, or there is none). */
  readonly leading: boolean;
  readonly operators: readonly { readonly name: string; readonly queued: number; readonly underWay: number; readonly trouble: readonly string[] }[];
}

const RECENT_MAX = 100;

export function startHost(options: HostOptions): Host {
  return new RunningHost(options);
}

class RunningHost implements Host {
  readonly ready: Promise<void>;
  readonly operators: readonly Operator[];
  readonly #options: HostOptions;
  readonly #leader: Leader | undefined;
  readonly #recent: PassRecord[] = [];
  readonly #log: Log;
  #synced = false;
  #leading = false;
  /** Grows with each change of leadership, so that a slow take-over notices that it is out of date. */
  #term = 0;
  #stopping: Promise<void> | undefined;

  constructor(options: HostOptions) {
    this.#options = options;
    this.#log = options.log ?? SILENT;
    const { transport, platform, metrics = NO_METRICS } = options;
    if (options.lease !== undefined) {
      this.#leader = new Leader({
        ...options.lease, transport, platform, metrics, log: this.#log,
        onGained: () => void this.#gained(), onLost: () => this.#lost(),
      });
    }
    this.operators = options.cores.map((hosted) => this.#operator(hosted));
    this.ready = this.#untilSynced();
    void this.ready.then(() => {
      if (this.#stopping !== undefined) return;
      if (this.#leader === undefined) this.#begin();
      else this.#leader.start();
    });
  }

  #operator({ core, options: own = {} }: HostedCore): Operator {
    const { transport, informers, platform, caller, log, metrics, events, ownWriteDeadlineMs, lease } = this.#options;
    return new Operator({
      core, transport, informers, platform, caller, recorder: this.#recorder(), log, metrics, gate: this.#leader,
      instance: this.#options.instance ?? lease?.identity ?? "toque", concurrency: own.concurrency, impersonate: own.impersonate, events, ownWriteDeadlineMs,
    });
  }

  #recorder(): Recorder {
    const { recorder } = this.#options;
    return {
      decided: (pass: PassRecord): void => {
        this.#recent.push(pass);
        if (this.#recent.length > RECENT_MAX) this.#recent.shift();
        recorder?.decided(pass);
      },
      acted: (pass: PassRecord, results: readonly Result[]): void => recorder?.acted(pass, results),
    };
  }

  #untilSynced(): Promise<void> {
    return new Promise((resolve) => {
      const stores = new Set(this.operators.flatMap((operator) => operator.stores.all()));
      const undo: (() => void)[] = [];
      const look = (): void => {
        if (this.#synced || ![...stores].every((store) => store.synced)) return;
        this.#synced = true;
        for (const stop of undo) stop();
        resolve();
      };
      for (const store of stores) undo.push(store.onProgress(look));
      look();
    });
  }

  #begin(): void {
    this.#leading = true;
    for (const operator of this.operators) operator.start();
  }

  async #gained(): Promise<void> {
    const term = ++this.#term;
    const { informers, platform } = this.#options;
    const stores = new Set(this.operators.flatMap((operator) => operator.stores.all()));
    await Promise.all([...stores].map((store) => caughtUp(store, informers, platform, this.#log, () => term === this.#term)));
    if (term === this.#term && this.#stopping === undefined) this.#begin();
  }

  #lost(): void {
    this.#term++;
    this.#leading = false;
    for (const operator of this.operators) void operator.pause();
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#term++;
    await Promise.all(this.operators.map((operator) => operator.stop()));
    this.#leading = false;
    await this.#leader?.stop();
  }

  health(): Health {
    const operators = this.operators.map(({ name, queue, stores }) => ({ name, queued: queue.depth, underWay: queue.active, trouble: stores.trouble() }));
    return { live: true, ready: this.#synced, leading: this.#leading, operators };
  }

  recent(): readonly PassRecord[] {
    return this.#recent;
  }
}
