/**
 * Reads a plan, strictly: what a core returns is checked before anything acts on it. Whether an action is allowed is another
 * matter (the executor's); here it only has to be one.
 */
import { parseJson } from "../../bindings/protocol/json.ts";
import type { Manifest } from "../../bindings/protocol/manifest.ts";
import { type Plan, PROTOCOL } from "../../bindings/protocol/types.ts";
import type { CoreFailure } from "./core.ts";
import { HOST_LIMITS } from "./limits.ts";
import { anything, check, constant, list, object, oneOf, optional, type Shape, tagged, text, whole } from "./shape.ts";

/** Kinds have rules of their own (RBAC allows colons); here it only must not become another path. */
const named = text(/^(?!\.\.?$)[^/\s%?#\\]{1,253}$/);
const namespace = optional(text(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/));
const apiVersion = text(/^([a-z0-9][-a-z0-9.]{0,252}\/)?[a-z0-9]{1,63}$/);
const kind = text(/^[A-Za-z][A-Za-z0-9]{0,62}$/);
const ref = object({ apiVersion, kind, namespace, name: named });
const kubeObject = object({ apiVersion, kind, metadata: object({ name: named, namespace }, true) }, true);
const tree: Shape = object({}, true);
const call = object({ name: text(), target: ref, body: optional(text()), clientCertificate: optional(named) });
const pollMs = optional(whole(0, 86_400_000));

const base = { stage: whole(0, 1_000), reason: text() };
const ACTION = tagged("type", {
  apply: object({ ...base, type: anything, object: kubeObject, uid: optional(text()), release: optional(list(text())) }),
  create: object({ ...base, type: anything, object: kubeObject }),
  patch: object({ ...base, type: anything, target: ref, uid: text(/^.+$/), patch: tree }),
  delete: object({ ...base, type: anything, target: ref, uid: text(/^.+$/), propagationPolicy: optional(oneOf("Background", "Foreground", "Orphan")) }),
  evict: object({ ...base, type: anything, target: ref, uid: text(/^.+$/) }),
  adopt: object({ ...base, type: anything, target: ref, uid: text(/^.+$/) }),
  latch: object({ ...base, type: anything, status: tree }),
  http: object({ ...base, type: anything, call }),
});
const QUESTION = tagged("type", {
  get: object({ type: anything, id: text(), target: ref, pollMs }),
  list: object({ type: anything, id: text(), apiVersion, kind, namespace, selector: text(), limit: optional(whole(1, 100_000)), pollMs }),
  http: object({ type: anything, id: text(), call, pollMs }),
});
const PLAN = object({
  protocol: constant(PROTOCOL),
  verdict: oneOf("settled", "progressing", "blocked", "refused", "finalized"),
  reason: optional(text(/^([A-Za-z]([A-Za-z0-9_,:]{0,1022}[A-Za-z0-9_])?)?$/)),
  message: optional(text()),
  status: optional(tree),
  actions: list(ACTION),
  questions: list(QUESTION),
  requeueAfterMs: optional(whole(0, 365 * 86_400_000)),
});

/** Parses and checks the text that a core returned. Never throws: a `CoreFailure` has a `code`, a `Plan` a `protocol`. */
export function parsePlan(planText: string, manifest: Manifest): Plan | CoreFailure {
  const { limits } = manifest;
  if (planText.length * 2 > limits.planBytesMax) {
    return tooLarge(`${planText.length * 2} bytes`, `limits.planBytesMax allows ${limits.planBytesMax}`);
  }
  let plan: unknown;
  try {
    plan = parseJson(planText);
  } catch (error) {
    return invalid(`it is not JSON: ${(error as Error).message}`);
  }
  if (!fits(plan, HOST_LIMITS.planNestingMax)) return invalid(`it nests deeper than ${HOST_LIMITS.planNestingMax}`);
  // Escapes (\ud800) can smuggle half a character through text that is well-formed itself.
  if (!planText.isWellFormed() || (/\\u[dD][89a-fA-F]/.test(planText) && !wellFormed(plan))) return invalid("it holds half a character (a lone surrogate)");
  const wrong = check(PLAN, plan, "plan");
  if (wrong !== undefined) return invalid(wrong);
  const checked = plan as Plan;
  if (checked.actions.length > limits.actionsMax) return tooLarge(`${checked.actions.length} actions`, `limits.actionsMax allows ${limits.actionsMax}`);
  if (checked.questions.length > limits.questionsMax) return tooLarge(`${checked.questions.length} questions`, `limits.questionsMax allows ${limits.questionsMax}`);
  return checked;
}

/** Whether a value nests at most `depth` levels. */
function fits(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (depth === 0) return false;
  if (Array.isArray(value)) {
    for (const item of value) if (!fits(item, depth - 1)) return false;
    return true;
  }
  // `for in` over an object made by JSON.parse: own keys only, without the list that Object.values would make.
  for (const key in value) if (!fits((value as { [key: string]: unknown })[key], depth - 1)) return false;
  return true;
}

/** Whether every string and key is well-formed Unicode. The nesting was bounded before. */
function wellFormed(value: unknown): boolean {
  if (typeof value === "string") return value.isWellFormed();
  if (typeof value !== "object" || value === null) return true;
  if (Array.isArray(value)) return value.every(wellFormed);
  return Object.entries(value).every(([key, member]) => key.isWellFormed() && wellFormed(member));
}

function invalid(what: string): CoreFailure {
  return { code: "PlanInvalid", message: `the plan can't be used: ${what}` };
}

function tooLarge(has: string, allowed: string): CoreFailure {
  return { code: "PlanTooLarge", message: `the plan has ${has}, ${allowed}: do less in one pass` };
}
