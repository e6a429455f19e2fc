/** ClusterRoles that are the sum of others, chosen by their labels. */
import { CLUSTER_ROLES, type ClusterRole, type PolicyRule } from "../../typed/others.ts";
import type { Api } from "../kit/api.ts";
import type { Queue } from "../kit/dispatcher.ts";
import { sameJson } from "../kit/hash.ts";
import type { Kit } from "../kit/kit.ts";
import { matcherOf } from "../kit/selectors.ts";
import type { Store } from "../kit/store.ts";

export class ClusterRoleAggregationController {
  readonly #api: Api;
  readonly #roles: Store<ClusterRole>;
  readonly #queue: Queue;

  constructor(kit: Kit) {
    this.#api = kit.api("clusterrole-aggregation-controller");
    this.#roles = kit.store(CLUSTER_ROLES);
    this.#queue = kit.queue("clusterroleaggregation", (name) => this.#pass(name));
    this.#roles.on(() => {
      for (const role of this.#roles.list()) if (role.aggregationRule !== undefined) this.#queue.add(role.metadata.name);
    });
  }

  #pass(name: string): void {
    const role = this.#roles.get(name);
    if (role?.aggregationRule === undefined) return;
    const rules: PolicyRule[] = [];
    for (const selector of role.aggregationRule.clusterRoleSelectors ?? []) {
      const match = matcherOf(selector);
      const chosen = this.#roles.list().filter(({ metadata }) => metadata.name !== name && match(metadata.labels)).sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
      for (const rule of chosen.flatMap((each) => each.rules ?? [])) if (!rules.some((known) => sameJson(known, rule))) rules.push(rule);
    }
    if (sameJson(rules, role.rules ?? [])) return;
    this.#api.apply(CLUSTER_ROLES, { metadata: { name }, rules });
  }
}
