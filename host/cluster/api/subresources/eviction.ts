/** Deletes a Pod as long as a disruption budget allows it. */
import { matcherOf } from "../../controllers/kit/selectors.ts";
import type { ClusterObject, JsonObject } from "../../model.ts";
import type { Stored } from "../../storage/storage.ts";
import { checkedDeleteOptions } from "../delete-options.ts";
import { deleteObject, type DeleteRequest } from "../delete.ts";
import { copyOf } from "../equal.ts";
import { Scope } from "../scope.ts";
import { badRequest, conflict, forbidden, notFound, StatusError, type StatusCause } from "../status-error.ts";
import { changeObject } from "../update.ts";
import { setCondition } from "./binding.ts";

interface Budget extends ClusterObject {
  spec: JsonObject & { selector?: JsonObject; unhealthyPodEvictionPolicy?: string };
  status: JsonObject & {
    observedGeneration?: number; disruptionsAllowed?: number; currentHealthy?: number; desiredHealthy?: number;
    disruptedPods?: { [pod: string]: string }; conditions?: JsonObject[];
  };
}
interface PodStatus { phase?: string; conditions?: JsonObject[] }

const DISRUPTED_PODS_MAX = 2000;
const BUDGETS = "poddisruptionbudgets.policy";
const VIOLATES = "Cannot evict pod as it would violate the pod's disruption budget.";

export function evictPod(scope: Scope, name: string, body: ClusterObject): void {
  if (body.metadata.name !== name) throw badRequest("name in URL does not match name in Eviction object");
  const asked = checkedDeleteOptions((body["deleteOptions"] as JsonObject | undefined) ?? {});
  const dryRun = asked.dryRun || scope.dryRun;
  const there = scope.kernel.storage.get(scope.entry.name, scope.key(name));
  if (there === undefined) throw notFound(scope.named, name);
  const request = withoutBudget(there.object) ? asked : budgeted(scope, there, asked, dryRun);
  deleteMarked(scope, name, there, request, dryRun);
}

/** A Pod that doesn't run (yet, or any more) disrupts nothing by going. */
function withoutBudget({ metadata, status }: ClusterObject): boolean {
  const { phase = "" } = (status ?? {}) as PodStatus;
  return metadata.deletionTimestamp !== undefined || phase === "Succeeded" || phase === "Failed" || phase === "Pending";
}

/** Takes one disruption from the Pod's budget. Throws the 429 when there is none left. */
function budgeted(scope: Scope, there: Stored, asked: DeleteRequest, dryRun: boolean): DeleteRequest {
  const pod = there.object;
  const budgets = [...scope.kernel.storage.list(BUDGETS, scope.namespace)].filter(({ object }) => {
    const { selector } = (object as Budget).spec;
    return matcherOf(selector as Parameters<typeof matcherOf>[0])(pod.metadata.labels);
  });
  if (budgets.length > 1) throw new StatusError(500, "", "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.");
  const stored = budgets[0];
  if (stored === undefined) return asked;
  const budget = stored.object as Budget;
  const { currentHealthy = 0, desiredHealthy = 0 } = budget.status;
  if (!isReady(pod)) {
    const lame = budget.spec.unhealthyPodEvictionPolicy === "AlwaysAllow" || (currentHealthy >= desiredHealthy && desiredHealthy > 0);
    if (lame) return { ...asked, resourceVersion: asked.resourceVersion ?? pod.metadata.resourceVersion };
  }
  takeDisruption(scope, pod.metadata.name, stored, dryRun);
  return asked;
}

function isReady({ status }: ClusterObject): boolean {
  return ((status ?? {}) as PodStatus).conditions?.some(({ type, status: state }) => type === "Ready" && state === "True") ?? false;
}

function takeDisruption(scope: Scope, pod: string, stored: Stored, dryRun: boolean): void {
  const budget = stored.object as Budget;
  const { metadata: { name, generation = 0 }, status } = budget;
  const { observedGeneration = 0, disruptionsAllowed = 0, disruptedPods = {} } = status;
  const named = { group: "policy", resource: "poddisruptionbudget" };
  if (observedGeneration < generation) throw tooMany(`The disruption budget ${name} is still being processed by the server.`, 10);
  if (disruptionsAllowed < 0) throw forbidden(named, name, "pdb disruptions allowed is negative");
  if (Object.keys(disruptedPods).length > DISRUPTED_PODS_MAX) throw forbidden(named, name, "DisruptedPods map too big - too many evictions not confirmed by PDB controller");
  if (disruptionsAllowed === 0) throw tooMany(whyNot(budget), 0);
  if (dryRun) return;
  const entry = scope.kernel.registry.named(BUDGETS)!;
  const budgetScope = new Scope(scope.kernel, entry, entry.storage, scope.user, { namespace: scope.namespace, subresource: "status" });
  changeObject(budgetScope, name, {
    uid: undefined, createMissing: false,
    change(live) {
      const next = copyOf(live) as Budget;
      next.status.disruptionsAllowed = disruptionsAllowed - 1;
      next.status.disruptedPods = { ...disruptedPods, [pod]: scope.now };
      return next;
    },
  });
}

function whyNot({ metadata: { name }, status: { currentHealthy = 0, desiredHealthy = 0, conditions } }: Budget): string {
  const condition = conditions?.find(({ type }) => type === "DisruptionAllowed");
  const said = condition?.["status"] === "False" ? String(condition["message"] ?? "") : "";
  if (said !== "" && condition?.["reason"] === "SyncFailed") return `The disruption budget ${name} does not allow evicting pods currently because it failed sync: ${said}`;
  if (currentHealthy <= desiredHealthy) return `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`;
  if (said !== "") return `The disruption budget ${name} does not allow evicting pods currently (${String(condition!["reason"])}): ${said}`;
  return `The disruption budget ${name} does not allow evicting pods currently`;
}

function tooMany(message: string, retryAfterSeconds: number): StatusError {
  const causes: StatusCause[] = [{ reason: "DisruptionBudget", message }];
  return new StatusError(429, "TooManyRequests", VIOLATES, { causes, ...(retryAfterSeconds === 0 ? {} : { retryAfterSeconds }) });
}

/** Says in the Pod's status why it goes, and deletes it. */
function deleteMarked(scope: Scope, name: string, there: Stored, request: DeleteRequest, dryRun: boolean): void {
  const pods = new Scope(scope.kernel, scope.entry, scope.kind, scope.user, { namespace: scope.namespace, dryRun });
  let { resourceVersion } = request;
  if (!dryRun) {
    const { metadata } = there.object;
    const named = { group: "", resource: "Pod" };
    if (request.uid !== undefined && request.uid !== metadata.uid) throw conflict(named, name, `the UID in the precondition (${request.uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`);
    if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) throw conflict(named, name, `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`);
    const marking = new Scope(scope.kernel, scope.entry, scope.kind, scope.user, { namespace: scope.namespace, subresource: "status" });
    const { object } = changeObject(marking, name, {
      uid: undefined, createMissing: false,
      change(live) {
        const next = copyOf(live)!;
        setCondition((next["status"] ??= {}) as PodStatus, { type: "DisruptionTarget", status: "True", reason: "EvictionByEvictionAPI", message: "Eviction API: evicting" }, scope.now);
        return next;
      },
    });
    if (resourceVersion !== undefined) resourceVersion = object.metadata.resourceVersion;
  }
  deleteObject(pods, name, { ...request, resourceVersion });
}
