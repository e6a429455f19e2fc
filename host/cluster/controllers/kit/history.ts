/** ControllerRevisions: the templates that a StatefulSet or a DaemonSet has had, each under a name that is its hash. */
import type { TextCodec } from "../../../platform/platform.ts";
import { CONTROLLER_REVISIONS, type ControllerRevision } from "../../typed/apps.ts";
import type { PodTemplate } from "../../typed/core.ts";
import type { LabelSelector, Typed } from "../../typed/resource.ts";
import { isAlreadyExists, type Api } from "./api.ts";
import { claim } from "./claim.ts";
import { fnv32, safeEncode, stableText } from "./hash.ts";
import type { Kit } from "./kit.ts";
import { controlledBy } from "./pods.ts";

export const REVISION_HASH = "controller-revision-hash";
/** What a StatefulSet's revisions carry instead; its Pods carry the one above. */
export const STATEFUL_REVISION_HASH = "controller.kubernetes.io/hash";
const PREFIX_CHARS_MAX = 223;

interface Owner extends Typed { spec: { selector: LabelSelector; template: PodTemplate; revisionHistoryLimit?: number } }

/** The template as it is kept: what would put it back by a strategic merge patch. */
export function dataOf(template: PodTemplate): object {
  return { spec: { template: { $patch: "replace", ...template } } };
}
export function templateOf({ data }: ControllerRevision): PodTemplate {
  const { $patch: _, ...template } = (data as { spec: { template: PodTemplate & { $patch?: string } } }).spec.template;
  return template;
}
export function sameData(a: unknown, b: unknown): boolean { return stableText(a) === stableText(b); }

/** Exactly as the real controllers hash it: over Go's JSON of the data, and the collision count. */
export function hashOfData(data: object, collisionCount: number, text: TextCodec): string {
  const json = stableText(data).replace(/[<>&\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return safeEncode(String(fnv32(text.encodeUtf8(json + collisionCount))));
}
export function revisionName(owner: Typed, hash: string): string { return `${owner.metadata.name.slice(0, PREFIX_CHARS_MAX)}-${hash}`; }

export class History {
  readonly #kit: Kit;
  readonly #api: Api;
  readonly #label: string;

  /** label: under which a revision carries its hash. */
  constructor(kit: Kit, api: Api, label: string) {
    this.#kit = kit;
    this.#api = api;
    this.#label = label;
    kit.store(CONTROLLER_REVISIONS);
  }

  /** The owner's revisions, oldest first; orphans that its selector matches are taken in. */
  of(owner: Owner): ControllerRevision[] {
    return claim(this.#api, this.#kit.store(CONTROLLER_REVISIONS), CONTROLLER_REVISIONS, owner, owner.spec.selector).sort(byNumber);
  }

  /** Under a name with `hash`; throws AlreadyExists when the name is taken by other data. */
  create(owner: Owner, hash: string, revision: number): ControllerRevision {
    const { spec: { template }, metadata: { namespace, annotations } } = owner;
    const name = revisionName(owner, hash);
    const data = dataOf(template);
    try {
      return this.#api.create(CONTROLLER_REVISIONS, {
        metadata: {
          name, namespace: namespace!, labels: { ...template.metadata?.labels, [this.#label]: hash }, ownerReferences: [controlledBy(owner)],
          ...(annotations === undefined ? {} : { annotations }),
        },
        data, revision,
      });
    } catch (error) {
      const there = isAlreadyExists(error) ? this.#api.get(CONTROLLER_REVISIONS, namespace, name) : undefined;
      if (there !== undefined && sameData(there.data, data)) return there;
      throw error;
    }
  }

  /** Makes a revision of old the newest. */
  renumber(revision: ControllerRevision, number: number): ControllerRevision {
    return revision.revision === number ? revision : this.#api.update(CONTROLLER_REVISIONS, { ...revision, revision: number });
  }

  /** Lets go of what nothing uses, beyond the limit, the oldest first. */
  truncate(owner: Owner, revisions: readonly ControllerRevision[], used: ReadonlySet<string>): void {
    const spare = revisions.filter(({ metadata }) => !used.has(metadata.name));
    const limit = owner.spec.revisionHistoryLimit ?? 10;
    for (const revision of spare.slice(0, Math.max(0, spare.length - limit))) this.#api.delete(CONTROLLER_REVISIONS, revision);
  }
}

function byNumber(a: ControllerRevision, b: ControllerRevision): number {
  if (a.revision !== b.revision) return a.revision - b.revision;
  const [left, right] = [a.metadata, b.metadata];
  if (left.creationTimestamp !== right.creationTimestamp) return left.creationTimestamp! < right.creationTimestamp! ? -1 : 1;
  return left.name < right.name ? -1 : 1;
}
