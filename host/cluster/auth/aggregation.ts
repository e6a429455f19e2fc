/**
 * ClusterRoles that are put together from others: `aggregationRule` selects them by their labels, and the rules of all of
 * them become its own. What the real server leaves to a controller.
 */
import { sameValue } from "../api/equal.ts";
import type { Client, ResourceRef, Watching } from "../client.ts";
import { matcherOf } from "../controllers/kit/selectors.ts";
import type { ClusterObject, JsonObject } from "../model.ts";
import type { Timers } from "../../platform/platform.ts";
import { StatusError } from "../api/status-error.ts";

const ROLES: ResourceRef = { group: "rbac.authorization.k8s.io", version: "v1", resource: "clusterroles" };
type Selector = Parameters<typeof matcherOf>[0];

/** Runs until the cluster ends. */
export function aggregateRoles(client: Client, watching: Watching, timers: Pick<Timers, "soon">): void {
  let queued = false;
  watching.on(ROLES, () => {
    if (queued) return;
    queued = true;
    timers.soon(() => {
      queued = false;
      settle(client);
    });
  });
}

function settle(client: Client): void {
  const roles = client.list(ROLES);
  for (const role of roles) {
    const selectors = (role["aggregationRule"] as { clusterRoleSelectors?: Selector[] } | undefined)?.clusterRoleSelectors;
    if (selectors === undefined) continue;
    const rules = aggregated(role, roles, selectors);
    if (sameValue(rules, role["rules"] ?? [])) continue;
    try {
      client.apply(ROLES, { apiVersion: role.apiVersion, kind: role.kind, metadata: { name: role.metadata.name }, rules });
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
    }
  }
}

/** Each rule once, in the order of the roles' names. */
function aggregated(role: ClusterObject, roles: readonly ClusterObject[], selectors: readonly Selector[]): JsonObject[] {
  const rules: JsonObject[] = [];
  for (const selector of selectors) {
    const matches = matcherOf(selector);
    for (const other of roles) {
      if (other.metadata.name === role.metadata.name || !matches(other.metadata.labels)) continue;
      for (const rule of (other["rules"] ?? []) as JsonObject[]) if (!rules.some((known) => sameValue(known, rule))) rules.push(rule);
    }
  }
  return rules;
}
