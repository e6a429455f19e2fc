/** IngressClasses. */
import type { FieldErrors } from "../../api/field-errors.ts";
import { labelName, longerThan } from "../../api/names.ts";
import { kindRules } from "../define.ts";
import type { IngressClass, IngressClassParametersReference } from "../generated/types.ts";
import { checkImmutable, checkMetadata, checkMetadataUpdate, complain } from "../shared/checks.ts";
import { checkDomainPath } from "../shared/domain-path.ts";
import { countChange } from "../shared/generation.ts";
import { checkReference } from "./ingress.ts";

const CONTROLLER_BYTES_MAX = 250;

export const ingressClass = kindRules<IngressClass>(["networking.k8s.io", "v1", "IngressClass"], {
  defaults({ spec }) { if (spec?.parameters !== undefined) spec.parameters.scope ??= "Cluster"; },
  create({ metadata }) { metadata.generation = 1; },
  update: (next, old) => countChange(next, old),
  validate: checkClass,
  validateUpdate(next, old, errors) {
    checkMetadataUpdate(next.metadata, old.metadata, errors);
    checkImmutable(next.spec?.controller ?? "", old.spec?.controller ?? "", "spec.controller", errors);
    checkClass(next, errors);
  },
});

function checkClass({ metadata, spec: { controller = "", parameters } = {} }: IngressClass, errors: FieldErrors): void {
  checkMetadata(metadata, false, errors);
  if (longerThan(controller, CONTROLLER_BYTES_MAX)) errors.tooLong("spec.controller", CONTROLLER_BYTES_MAX);
  checkDomainPath(controller, "spec.controller", errors);
  if (parameters !== undefined) checkParameters(parameters, "spec.parameters", errors);
}
function checkParameters(parameters: IngressClassParametersReference, path: string, errors: FieldErrors): void {
  const { scope, namespace } = parameters;
  checkReference(parameters, path, errors);
  if (scope === undefined || scope === null) {
    errors.required(`${path}.scope`);
  } else if (scope === "Namespace") {
    if (namespace === undefined) errors.required(`${path}.namespace`, "`parameters.scope` is set to 'Namespace'");
    else complain(errors, `${path}.namespace`, namespace, labelName(namespace, false));
  } else if (scope !== "Cluster") {
    errors.notSupported(`${path}.scope`, scope, ["Cluster", "Namespace"]);
  } else if (namespace !== undefined) {
    errors.forbidden(`${path}.namespace`, "`parameters.scope` is set to 'Cluster'");
  }
}
