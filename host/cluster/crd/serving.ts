/**
 * Makes definitions work: accepts their names, serves their kinds, says so in their status, and takes their objects away with
 * them. What the real server's apiextensions controllers do, one definition at a time.
 */
import type { Platform } from "../../platform/platform.ts";
import { rfc3339 } from "../../values/time.ts";
import { StatusError } from "../api/status-error.ts";
import type { Client, ObjectEvent, ResourceRef, Watching } from "../client.ts";
import type { Kind } from "../kinds/kind.ts";
import type { ClusterObject } from "../model.ts";
import { type Definition, type DefinitionCondition, DEFINITIONS, definitionOf, isTrue } from "./definition.ts";
import { CLEANUP_FINALIZER } from "./definition-strategy.ts";
import { deepEqual } from "./equal.ts";
import { kindsOf } from "./kinds.ts";

/** Where kinds become served. */
export interface Kinds {
  /** All versions of one resource, in place of those there were. */
  add(versions: readonly Kind[]): void;
  /** `name`: "zoos.example.dev". */
  remove(name: string): void;
}

export interface ServingOptions {
  readonly client: Client;
  readonly watching: Watching;
  readonly kinds: Kinds;
  readonly platform: Pick<Platform, "clock" | "timers">;
  /** Of the cluster that this one was forked from: what is served already needs no compiling. */
  readonly served?: ServedDefinitions;
}

/** By name: the spec that a definition's kinds were made of. */
export type ServedDefinitions = ReadonlyMap<string, Definition["spec"]>;

export class CustomKinds {
  readonly #options: ServingOptions;
  readonly #queued = new Set<string>();
  readonly #served: Map<string, Definition["spec"]>;
  /** How to stop watching the objects of a definition that is being deleted. */
  readonly #emptying = new Map<string, () => void>();
  #running = false;

  constructor(options: ServingOptions) {
    this.#options = options;
    this.#served = new Map(options.served);
    // What a cluster that goes on had established is served before anybody asks: whoever collects what has no owner must find the owners.
    for (const definition of options.client.list(DEFINITIONS).map(definitionOf)) {
      if (isTrue(definition, "Established")) this.#addKinds(definition);
    }
    options.watching.on(DEFINITIONS, (event) => this.#noticed(event));
  }

  #addKinds({ metadata: { name }, spec }: Definition): void {
    if (deepEqual(this.#served.get(name) as never, spec as never)) return;
    this.#served.set(name, spec);
    this.#options.kinds.add(kindsOf({ spec }));
  }

  get served(): ServedDefinitions { return this.#served; }

  #noticed({ type, object }: ObjectEvent): void {
    const { name } = object.metadata;
    if (type === "DELETED") {
      this.#served.delete(name);
      this.#options.kinds.remove(name);
    }
    this.#queue(name);
  }

  #queue(name: string): void {
    this.#queued.add(name);
    if (this.#running) return;
    this.#running = true;
    this.#options.platform.timers.soon(() => {
      this.#running = false;
      for (const each of this.#queued) {
        this.#queued.delete(each);
        this.#settle(each);
      }
    });
  }

  #settle(name: string): void {
    const found = this.#options.client.get(DEFINITIONS, undefined, name);
    if (found === undefined) return;
    try {
      if (found.metadata.deletionTimestamp === undefined) this.#serve(definitionOf(found));
      else this.#empty(definitionOf(found));
    } catch (error) {
      if (!(error instanceof StatusError) || (error.reason !== "Conflict" && error.reason !== "NotFound")) throw error;
      this.#queue(name);
    }
  }

  #serve(definition: Definition): void {
    const clash = this.#clashOf(definition);
    const accepted = clash === undefined ? definition.spec.names : definition.status.acceptedNames;
    const conditions = this.#conditions(definition, [
      clash === undefined ? { type: "NamesAccepted", status: "True", reason: "NoConflicts", message: "no conflicts found" } : { type: "NamesAccepted", status: "False", ...clash },
      ...(clash === undefined ? [{ type: "Established", status: "True" as const, reason: "InitialNamesAccepted", message: "the initial names have been accepted" }]
        : isTrue(definition, "Established") ? [] : [{ type: "Established", status: "False" as const, reason: "NotAccepted", message: "not all names are accepted" }]),
    ]);
    const established = conditions.some(({ type, status }) => type === "Established" && status === "True");
    if (established) this.#addKinds(definition);
    this.#writeStatus(definition, { ...definition.status, conditions, acceptedNames: accepted });
  }

  /** Names that another definition of the group has already. */
  #clashOf({ metadata, spec }: Definition): { reason: string; message: string } | undefined {
    for (const other of this.#options.client.list(DEFINITIONS).map(definitionOf)) {
      if (other.metadata.name === metadata.name || other.spec.group !== spec.group) continue;
      const { plural, singular, shortNames = [], kind, listKind } = other.status.acceptedNames;
      const taken = new Set([plural, singular, ...shortNames]);
      const names = spec.names;
      if (names.singular !== undefined && taken.has(names.singular)) return { reason: "SingularConflict", message: `${JSON.stringify(names.singular)} is already in use` };
      const short = names.shortNames?.find((each) => taken.has(each));
      if (short !== undefined) return { reason: "ShortNamesConflict", message: `${JSON.stringify(short)} is already in use` };
      if (names.kind === kind || names.kind === listKind) return { reason: "KindConflict", message: `${JSON.stringify(names.kind)} is already in use` };
      if (names.listKind === kind || names.listKind === listKind) return { reason: "ListKindConflict", message: `${JSON.stringify(names.listKind)} is already in use` };
    }
    return undefined;
  }

  #conditions(definition: Definition, wanted: readonly Omit<DefinitionCondition, "lastTransitionTime">[]): DefinitionCondition[] {
    const conditions = [...(definition.status.conditions ?? [])];
    for (const condition of wanted) {
      const at = conditions.findIndex(({ type }) => type === condition.type);
      const before = conditions[at];
      // A definition is established once: its reason stays that of the first time.
      if (condition.type === "Established" && before?.status === "True") continue;
      const lastTransitionTime = before?.status === condition.status ? before.lastTransitionTime : rfc3339(this.#options.platform.clock.nowMs());
      const next: DefinitionCondition = { lastTransitionTime, message: condition.message, reason: condition.reason, status: condition.status, type: condition.type };
      if (at === -1) conditions.push(next);
      else conditions[at] = next;
    }
    return conditions;
  }

  #writeStatus(definition: Definition, status: Definition["status"]): void {
    if (deepEqual(status as never, definition.status as never)) return;
    const changed = { ...definition, status } as unknown as ClusterObject;
    this.#options.client.update(DEFINITIONS, changed, "status");
  }

  /** Deletes the objects; the definition goes when the last one is gone, which finalizers may delay. */
  #empty(definition: Definition): void {
    const { name, finalizers = [] } = definition.metadata;
    if (!finalizers.includes(CLEANUP_FINALIZER)) return;
    const version = definition.spec.versions.find(({ storage }) => storage)!.name;
    const resource: ResourceRef = { group: definition.spec.group, version, resource: definition.spec.names.plural };
    const left = this.#served.has(name) ? this.#options.client.list(resource) : [];
    for (const { metadata } of left) {
      if (metadata.deletionTimestamp === undefined) this.#options.client.delete(resource, metadata.namespace, metadata.name);
    }
    const waiting = this.#served.has(name) && this.#options.client.list(resource).length > 0;
    if (waiting) {
      if (!this.#emptying.has(name)) this.#emptying.set(name, this.#options.watching.on(resource, ({ type }) => { if (type === "DELETED") this.#queue(name); }));
      return this.#writeStatus(definition, { ...definition.status, conditions: this.#conditions(definition, [TERMINATING]) });
    }
    this.#emptying.get(name)?.();
    this.#emptying.delete(name);
    const metadata = { ...definition.metadata, finalizers: finalizers.filter((each) => each !== CLEANUP_FINALIZER) };
    this.#options.client.update(DEFINITIONS, { ...definition, metadata } as unknown as ClusterObject);
  }
}

const TERMINATING = { type: "Terminating", status: "True", reason: "InstanceDeletionInProgress", message: "CustomResource deletion is in progress" } as const;

