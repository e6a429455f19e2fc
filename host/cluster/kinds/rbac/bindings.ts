/** RoleBindings and ClusterRoleBindings. */
import type { FieldErrors } from "../../api/field-errors.ts";
import { pathSegment, subdomainName } from "../../api/names.ts";
import { kindRules, type Rules } from "../define.ts";
import type { RoleBinding, Subject } from "../generated/types.ts";
import { checkMetadata, checkMetadataUpdate, complain } from "../shared/checks.ts";
import { equal } from "../shared/equal.ts";
import { goStruct } from "../shared/go-values.ts";

const GROUP = "rbac.authorization.k8s.io";

export const roleBinding = kindRules<RoleBinding>([GROUP, "v1", "RoleBinding"], rules(true, ["Role", "ClusterRole"]));
export const clusterRoleBinding = kindRules<RoleBinding>([GROUP, "v1", "ClusterRoleBinding"], rules(false, ["ClusterRole"]));

/** `kinds`: of roles that can be bound. */
function rules(namespaced: boolean, kinds: readonly string[]): Rules<RoleBinding> {
  const check = ({ metadata, roleRef = {}, subjects }: RoleBinding, errors: FieldErrors): void => {
    const { apiGroup = "", kind = "", name = "" } = roleRef;
    checkMetadata(metadata, namespaced, errors, pathSegment);
    if (apiGroup !== GROUP) errors.notSupported("roleRef.apiGroup", apiGroup, [GROUP]);
    if (!kinds.includes(kind)) errors.notSupported("roleRef.kind", kind, kinds);
    if (name === "") errors.required("roleRef.name");
    else complain(errors, "roleRef.name", name, pathSegment(name, false));
    subjects?.forEach((subject, index) => checkSubject(subject, namespaced, `subjects[${index}]`, errors));
  };
  return {
    defaults({ roleRef, subjects }) {
      if (roleRef !== undefined) roleRef.apiGroup ||= GROUP;
      for (const subject of subjects ?? []) if (subject.kind === "User" || subject.kind === "Group") subject.apiGroup ||= GROUP;
    },
    validate: check,
    validateUpdate(next, old, errors) {
      check(next, errors);
      checkMetadataUpdate(next.metadata, old.metadata, errors);
      if (!equal(next.roleRef, old.roleRef)) errors.invalid("roleRef", goStruct(next.roleRef ?? {}, "APIGroup=apiGroup:\"\" Kind:\"\" Name:\"\""), "cannot change roleRef");
    },
    createOnUpdate: true,
  };
}

function checkSubject({ kind = "", apiGroup = "", name = "", namespace = "" }: Subject, namespaced: boolean, path: string, errors: FieldErrors): void {
  if (name === "") errors.required(`${path}.name`);
  switch (kind) {
    case "ServiceAccount":
      if (name !== "") complain(errors, `${path}.name`, name, subdomainName(name, false));
      if (apiGroup !== "") errors.notSupported(`${path}.apiGroup`, apiGroup, [""]);
      if (!namespaced && namespace === "") errors.required(`${path}.namespace`);
      break;
    case "User": case "Group":
      if (apiGroup !== GROUP) errors.notSupported(`${path}.apiGroup`, apiGroup, [GROUP]);
      break;
    default:
      errors.notSupported(`${path}.kind`, kind, ["ServiceAccount", "User", "Group"]);
  }
}
