/** The plan as a document: bound to the core's digest and to all that it saw. */
import { readFileSync } from "node:fs";
import { parseJson } from "../../bindings/protocol/json.ts";
import type { JsonObject, KubeObject } from "../../bindings/protocol/types.ts";
import type { Core } from "../core/core.ts";
import { CliError, EXIT, unreadable } from "./errors.ts";
import type { Planned } from "./planning.ts";

export interface PlanDocument {
  toquePlan: 1;
  operator: string;
  digest: string;
  /** The module's file, as it was named; a hint only, the digest decides. */
  core: string;
  offline: boolean;
  /** RFC 3339: the clock of the pass. */
  now: string;
  /** SHA-256 of the core's input, `now` left out. */
  inputHash: string;
  /** The custom resource, as the file had it. */
  object: KubeObject;
  existing: { uid: string; resourceVersion: string } | null;
  plan: JsonObject;
}

export function documentOf(core: Core, file: string, planned: Planned, nowMs: number, offline: boolean): PlanDocument {
  const { decided, object, existing = null, inputHash } = planned;
  return {
    toquePlan: 1, operator: core.manifest.name, digest: core.digest, core: file, offline, now: new Date(nowMs).toISOString(), inputHash, object, existing,
    plan: parseJson(decided.planText) as JsonObject,
  };
}

/** Throws CliError when the file is no plan, or one that cannot be carried out. */
export function readDocument(file: string): PlanDocument {
  let value: unknown;
  try {
    value = parseJson(readFileSync(file === "-" ? 0 : file, "utf8"));
  } catch (error) {
    const why = error instanceof SyntaxError ? `can't read ${file}: it is not JSON, or cut short (${error.message})` : unreadable(file, error, "`toque plan --out FILE` makes one");
    throw new CliError(EXIT.usage, why, { cause: error });
  }
  const document = value as PlanDocument;
  if (typeof document !== "object" || document === null || document.toquePlan !== 1) throw new CliError(EXIT.usage, `${file} is no plan: make one with \`toque plan --out ${file === "-" ? "FILE" : file}\``);
  if (document.offline) throw new CliError(EXIT.usage, `${file} was made offline, against an empty cluster: make it again without --offline`);
  return document;
}
