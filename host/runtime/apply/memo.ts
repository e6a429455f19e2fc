/**
 * What became of the last apply to each object: so that one which changes nothing on the server is not sent again, and
 * one that others undo again and again is found out.
 *
 * Comparing (`compare.ts`, `field-set.ts`) is the rule; the memo is for what a server does beyond its schema: defaults
 * that only its Go code knows, webhooks, other writers.
 */
import type { Digest } from "../../platform/platform.ts";
import { stringifyJson } from "../../../bindings/protocol/json.ts";
import type { JsonObject } from "../../../bindings/protocol/types.ts";

interface Entry {
  intent: string;
  /** The object was found, or made, to be as the intent says at this resourceVersion. */
  resourceVersion: string;
  /** Fingerprint of the object (without status) for which an apply turned out to change nothing. */
  noop: string | undefined;
  /** Applies of this same intent that did change the object, in a row. */
  applies: number;
  appliedMs: number;
}

/** Repairs of drift that are made at once; then each waits twice as long as the one before. */
const AT_ONCE = 3;
const CONTESTED_BASE_MS = 1_000;
const CONTESTED_CEILING_MS = 300_000;
/** An apply that held for this long beyond its wait was not contested. */
const CALM_MS = 60_000;

export class ApplyMemo {
  readonly #entries = new Map<string, Entry>();
  readonly #digest: Digest;

  constructor(digest: Digest) {
    this.#digest = digest;
  }

  hash(text: string): string {
    return this.#digest.sha256Hex(text);
  }

  /** True when this very object is known to be as the intent says. */
  isSettled(target: string, intent: string, resourceVersion: string): boolean {
    const entry = this.#entries.get(target);
    return entry !== undefined && entry.intent === intent && entry.resourceVersion === resourceVersion;
  }

  /** Comparing said that nothing differs. */
  settled(target: string, intent: string, resourceVersion: string): void {
    const entry = this.#entries.get(target);
    if (entry === undefined || entry.intent !== intent) {
      this.#entries.set(target, { intent, resourceVersion, noop: undefined, applies: 0, appliedMs: 0 });
    } else {
      entry.resourceVersion = resourceVersion;
    }
  }

  /** True when this apply to an object that looked the same changed nothing. */
  isNoop(target: string, intent: string, live: JsonObject): boolean {
    const entry = this.#entries.get(target);
    return entry?.noop !== undefined && entry.intent === intent && entry.noop === this.#fingerprint(live);
  }

  /** The server answered an apply, and left the object as it was. */
  noop(target: string, intent: string, resourceVersion: string, live: JsonObject): void {
    this.settled(target, intent, resourceVersion);
    this.#entries.get(target)!.noop = this.#fingerprint(live);
  }

  /** The server answered an apply, and the object changed. */
  applied(target: string, intent: string, resourceVersion: string, nowMs: number): void {
    const entry = this.#entries.get(target);
    const inARow = entry !== undefined && entry.intent === intent && nowMs - entry.appliedMs < waitMs(entry.applies) + CALM_MS;
    this.#entries.set(target, { intent, resourceVersion, noop: undefined, applies: inARow ? entry.applies + 1 : 1, appliedMs: nowMs });
  }

  /** Milliseconds until this intent may be applied again; 0: now. More when others undid it again and again. */
  contestedMs(target: string, intent: string, nowMs: number): number {
    const entry = this.#entries.get(target);
    if (entry === undefined || entry.intent !== intent) return 0;
    return Math.max(0, entry.appliedMs + waitMs(entry.applies) - nowMs);
  }

  forget(target: string): void {
    this.#entries.delete(target);
  }

  #fingerprint(live: JsonObject): string {
    const { status, metadata, ...rest } = live;
    void status;
    const { generation, ...kept } = metadata as JsonObject;
    void generation;
    return this.hash(stringifyJson([kept, rest]));
  }
}

function waitMs(applies: number): number {
  return applies < AT_ONCE ? 0 : Math.min(CONTESTED_CEILING_MS, CONTESTED_BASE_MS * 2 ** (applies - AT_ONCE));
}
