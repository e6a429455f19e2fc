/**
 * What the cluster's own parts are built with: stores that are never behind the API, queues of keys, typed clients, Events,
 * timers that end with the cluster.
 */
import type { Platform, Timer } from "../../../platform/platform.ts";
import { rfc3339 } from "../../../values/time.ts";
import type { Client, Discovery, Watching } from "../../client.ts";
import { resourceName } from "../../model.ts";
import type { Resource, Typed } from "../../typed/resource.ts";
import { Api } from "./api.ts";
import { Dispatcher, type Queue } from "./dispatcher.ts";
import { Line } from "./line.ts";
import { Recorder } from "./recorder.ts";
import { LabelIndex } from "./selectors.ts";
import { Store } from "./store.ts";

export interface KitOptions {
  /** A client that writes as this component ("kube-controller-manager", "kube-scheduler", "kubelet"). */
  readonly clientOf: (component: string) => Client;
  readonly watching: Watching;
  readonly discovery: Discovery;
  readonly platform: Pick<Platform, "clock" | "timers" | "random" | "digest" | "text">;
  /** Hears of mistakes in a controller; its key is tried again later, the others go on. */
  readonly onProblem: (controller: string, key: string, error: unknown) => void;
}

export class Kit {
  readonly platform: KitOptions["platform"];
  readonly watching: Watching;
  readonly discovery: Discovery;
  readonly #options: KitOptions;
  readonly #dispatcher: Dispatcher;
  readonly #stores = new Map<string, Store<Typed>>();
  readonly #labels = new Map<string, LabelIndex<Typed>>();
  readonly #apis = new Map<string, Api>();
  readonly #timers = new Set<Timer>();
  readonly #stops: (() => void)[] = [];
  #now: { second: number; text: string } = { second: Number.NaN, text: "" };

  constructor(options: KitOptions) {
    this.#options = options;
    this.platform = options.platform;
    this.watching = options.watching;
    this.discovery = options.discovery;
    const { clock, timers } = options.platform;
    this.#dispatcher = new Dispatcher({ clock, timers, onProblem: options.onProblem });
  }

  nowMs(): number { return this.platform.clock.nowMs(); }
  /** In RFC 3339, whole seconds. */
  now(): string {
    const second = Math.floor(this.nowMs() / 1000);
    if (second !== this.#now.second) this.#now = { second, text: rfc3339(second * 1000) };
    return this.#now.text;
  }

  /** One for all who ask. */
  store<T extends Typed>(resource: Resource<T>): Store<T> {
    const name = resourceName(resource);
    let store = this.#stores.get(name);
    if (store === undefined) this.#stores.set(name, store = new Store<Typed>(this.watching, resource));
    return store as unknown as Store<T>;
  }
  labels<T extends Typed>(resource: Resource<T>): LabelIndex<T> {
    const name = resourceName(resource);
    let index = this.#labels.get(name);
    if (index === undefined) this.#labels.set(name, index = new LabelIndex<Typed>(this.store<Typed>(resource)));
    return index as unknown as LabelIndex<T>;
  }

  /** For objects of any kind. */
  client(component: string): Client { return this.#options.clientOf(component); }
  api(component: string): Api {
    let api = this.#apis.get(component);
    if (api === undefined) this.#apis.set(component, api = new Api(this.#options.clientOf(component)));
    return api;
  }

  /** Calls `pass` with each key queued, one at a time. A StatusError thrown means: again later. */
  queue(controller: string, pass: (key: string) => void): Queue { return this.#dispatcher.queue(controller, pass); }

  /** Events in the name of `component`, written by the client of `as`. */
  recorder(component: string, as: string, host = ""): Recorder {
    return new Recorder(component, host, this.api(as), () => this.nowMs(), this.line());
  }
  /** For what must not cost the others: Events, at the rate of a kubelet's. */
  line(): Line {
    return new Line({ burst: 100, perSecond: 50, waitingMax: 1000, monotonicMs: () => this.platform.clock.monotonicMs(), after: (delayMs, task) => this.after(delayMs, task) });
  }

  /** A timer that ends with the cluster. */
  after(delayMs: number, task: () => void): Timer {
    const timer = this.platform.timers.after(delayMs, () => {
      this.#timers.delete(handle);
      try {
        task();
      } catch (error) {
        this.#options.onProblem("timer", "", error);
      }
    });
    const handle = { cancel: () => {
      timer.cancel();
      this.#timers.delete(handle);
    } };
    this.#timers.add(handle);
    return handle;
  }

  onStop(stop: () => void): void { this.#stops.push(stop); }

  /** No pass waits for its turn; delays and timers don't count. */
  get idle(): boolean { return this.#dispatcher.idle; }

  /** Nothing of it runs any more, and nothing is written. */
  stop(): void {
    this.#dispatcher.stop();
    for (const stop of this.#stops.splice(0)) stop();
    for (const timer of [...this.#timers]) timer.cancel();
    for (const store of this.#stores.values()) store.stop();
  }
}
