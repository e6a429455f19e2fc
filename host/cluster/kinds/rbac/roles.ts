/** Roles and ClusterRoles. */
import type { FieldErrors } from "../../api/field-errors.ts";
import { pathSegment } from "../../api/names.ts";
import { kindRules } from "../define.ts";
import type { ClusterRole, PolicyRule, Role } from "../generated/types.ts";
import { checkMetadata, checkMetadataUpdate } from "../shared/checks.ts";
import { checkLabelSelector } from "../shared/label-selector.ts";

export const role = kindRules<Role>(["rbac.authorization.k8s.io", "v1", "Role"], {
  validate: checkRole,
  validateUpdate(next, old, errors) {
    checkRole(next, errors);
    checkMetadataUpdate(next.metadata, old.metadata, errors);
  },
  createOnUpdate: true,
});

export const clusterRole = kindRules<ClusterRole>(["rbac.authorization.k8s.io", "v1", "ClusterRole"], {
  validate: checkClusterRole,
  validateUpdate(next, old, errors) {
    checkClusterRole(next, errors);
    checkMetadataUpdate(next.metadata, old.metadata, errors);
  },
  createOnUpdate: true,
});

function checkRole({ metadata, rules }: Role, errors: FieldErrors): void {
  checkMetadata(metadata, true, errors, pathSegment);
  rules?.forEach((rule, index) => checkRule(rule, true, `rules[${index}]`, errors));
}
function checkClusterRole({ metadata, rules, aggregationRule }: ClusterRole, errors: FieldErrors): void {
  checkMetadata(metadata, false, errors, pathSegment);
  rules?.forEach((rule, index) => checkRule(rule, false, `rules[${index}]`, errors));
  if (aggregationRule === undefined) return;
  const path = "aggregationRule.clusterRoleSelectors";
  const selectors = aggregationRule.clusterRoleSelectors ?? [];
  if (selectors.length === 0) errors.required(path, "at least one clusterRoleSelector required if aggregationRule is non-nil");
  selectors.forEach((selector, index) => {
    if (!checkLabelSelector(selector, `${path}[${index}]`, errors)) errors.invalid(`${path}[${index}]`, null, "invalid label selector.");
  });
}

function checkRule(rule: PolicyRule, namespaced: boolean, path: string, errors: FieldErrors): void {
  const { apiGroups = [], resources = [], resourceNames = [], nonResourceURLs: urls = [] } = rule;
  if ((rule.verbs?.length ?? 0) === 0) errors.required(`${path}.verbs`, "verbs must contain at least one value");
  if (urls.length > 0) {
    if (namespaced) errors.invalid(`${path}.nonResourceURLs`, urls, "namespaced rules cannot apply to non-resource URLs");
    if (apiGroups.length + resources.length + resourceNames.length > 0) errors.invalid(`${path}.nonResourceURLs`, urls, "rules cannot apply to both regular resources and non-resource URLs");
    return;
  }
  if (apiGroups.length === 0) errors.required(`${path}.apiGroups`, "resource rules must supply at least one api group");
  if (resources.length === 0) errors.required(`${path}.resources`, "resource rules must supply at least one resource");
}
