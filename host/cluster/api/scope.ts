/**
 * One request on its way: by whom, for which resource, under which options; and what every verb needs of the cluster.
 */
import type { Platform } from "../../platform/platform.ts";
import { rfc3339 } from "../../values/time.ts";
import type { Authentication } from "../auth/authenticate.ts";
import type { Authorizer } from "../auth/authorizer.ts";
import type { User } from "../auth/user.ts";
import type { Kind, StrategyContext } from "../kinds/kind.ts";
import type { ClusterObject } from "../model.ts";
import type { Storage } from "../storage/storage.ts";
import type { Admission, Merging } from "./machinery.ts";
import { managerOfUserAgent, type WriteOptions } from "./options.ts";
import type { Registry, ResourceEntry } from "./registry.ts";
import type { Named } from "./status-error.ts";
import type { Connections } from "./subresources/connect.ts";
import type { YamlCodec } from "./yaml.ts";

export interface Kernel {
  readonly storage: Storage;
  readonly registry: Registry;
  readonly platform: Platform;
  readonly merging: Merging;
  readonly authorizer: Authorizer;
  readonly authentication: Authentication;
  readonly admission: Admission;
  /** Undefined: YAML is an unsupported media type. */
  readonly yaml: YamlCodec | undefined;
  /** What runs on the nodes; undefined: there are none. */
  readonly connections: Connections | undefined;
  /** The JSON text of `/openapi/v3/...`: "" is the index. Undefined: there is no such document. */
  openapi(document: string): string | undefined;
}

export interface ScopeOptions {
  readonly namespace?: string;
  readonly subresource?: string | undefined;
  readonly dryRun?: boolean;
  readonly manager?: string;
  /** Where warnings are collected. */
  readonly warnings?: string[];
}

export class Scope {
  readonly kernel: Kernel;
  readonly entry: ResourceEntry;
  /** In the version of the request. */
  readonly kind: Kind;
  readonly user: User;
  /** "" for cluster-scoped resources, and for requests across namespaces. */
  readonly namespace: string;
  readonly subresource: string | undefined;
  #dryRun: boolean;
  #manager: string;
  readonly warnings: string[];
  /** Throws the 403 unless the user may also create: asked when an update comes upon nothing. */
  authorizeCreate: (() => void) | undefined;
  #context: StrategyContext | undefined;

  constructor(kernel: Kernel, entry: ResourceEntry, kind: Kind, user: User, options: ScopeOptions) {
    this.kernel = kernel;
    this.entry = entry;
    this.kind = kind;
    this.user = user;
    this.namespace = options.namespace ?? "";
    this.subresource = options.subresource;
    this.#dryRun = options.dryRun ?? false;
    this.#manager = options.manager ?? "";
    this.warnings = options.warnings ?? [];
  }

  get dryRun(): boolean { return this.#dryRun; }
  /** Who manages the fields that this request sets. */
  get manager(): string { return this.#manager; }

  setDryRun(dryRun: boolean): void {
    this.#dryRun = dryRun;
    this.#context = undefined;
  }
  /** A client that names no manager is called after its user agent. */
  setOptions({ dryRun, fieldManager }: WriteOptions, userAgent = ""): void {
    this.setDryRun(dryRun);
    this.#manager = fieldManager === "" ? managerOfUserAgent(userAgent) : fieldManager;
  }

  get named(): Named { return { group: this.kind.group, resource: this.kind.plural }; }
  get strategy(): Kind["strategy"] { return this.entry.storage.strategy; }
  get now(): string { return rfc3339(this.kernel.platform.clock.nowMs()); }

  key(name: string): string { return this.kind.namespaced ? `${this.namespace}/${name}` : name; }

  warn(message: string): void {
    if (!this.warnings.includes(message)) this.warnings.push(message);
  }

  /** From the version of the request to the stored one. */
  toStorage(object: ClusterObject): ClusterObject { return this.kind.convert?.toStorage(object) ?? object; }
  fromStorage(object: ClusterObject): ClusterObject { return this.kind.convert?.fromStorage(object) ?? object; }

  get context(): StrategyContext {
    if (this.#context !== undefined) return this.#context;
    const { storage, platform } = this.kernel;
    return this.#context = {
      nowMs: platform.clock.nowMs(),
      user: this.user.name,
      get: (resource, namespace, name) => storage.get(resource, namespace === undefined ? name : `${namespace}/${name}`)?.object,
      *list(resource, namespace) {
        for (const { object } of storage.list(resource, namespace)) yield object;
      },
      group: this.kind.group,
      random: () => platform.random.next(),
      warn: (message) => this.warn(message),
      subresource: this.subresource,
      dryRun: this.dryRun,
    };
  }
}
