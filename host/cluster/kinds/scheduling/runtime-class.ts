/** RuntimeClasses. */
import type { FieldErrors } from "../../api/field-errors.ts";
import { labelName, subdomainName } from "../../api/names.ts";
import { validateLabels, validateMetadata, validateMetadataUpdate } from "../../api/validate-metadata.ts";
import { kindRules } from "../define.ts";
import type { RuntimeClass, Toleration } from "../generated/types.ts";
import { checkTolerations } from "../pod/affinity.ts";
import { outOfUse } from "../pod/node-labels.ts";
import { FOR_NEW_TEMPLATE } from "../pod/rules.ts";
import { checkImmutable, complain } from "../shared/checks.ts";
import { goForm } from "../shared/go-form.ts";
import { checkRequirements } from "../shared/resources.ts";

export const runtimeClass = kindRules<RuntimeClass>(["node.k8s.io", "v1", "RuntimeClass"], {
  validate: checkClass,
  validateUpdate(next, old, errors) {
    checkClass(next, errors);
    validateMetadataUpdate(next.metadata, old.metadata, errors);
    checkImmutable(next.handler ?? "", old.handler ?? "", "handler", errors);
  },
  warn({ scheduling }, _, { warn }) {
    for (const key in scheduling?.nodeSelector) {
      const why = outOfUse(key);
      if (why !== undefined) warn(`scheduling.nodeSelector: ${why}`);
    }
  },
  unconditionalUpdate: false,
  createOnUpdate: true,
});

function checkClass({ metadata, handler = "", overhead, scheduling }: RuntimeClass, errors: FieldErrors): void {
  validateMetadata(metadata, false, subdomainName, errors);
  if (handler === "") errors.required("handler");
  else complain(errors, "handler", handler, labelName(handler, false));
  if (overhead !== undefined) checkRequirements({ limits: overhead.podFixed ?? {} }, { whole: false, claims: new Set(), anyHugePages: false }, "overhead", errors);
  if (scheduling === undefined) return;
  if (scheduling.nodeSelector !== undefined) validateLabels(scheduling.nodeSelector, errors, "scheduling.nodeSelector");
  const { tolerations = [] } = scheduling;
  checkTolerations(tolerations, "scheduling.tolerations", FOR_NEW_TEMPLATE, errors);
  const key = ({ key = "", operator = "", value = "", effect = "" }: Toleration): string => JSON.stringify([key, operator, value, effect]);
  tolerations.forEach((each, index) => {
    if (tolerations.findIndex((other) => key(other) === key(each)) < index) errors.duplicate(`scheduling.tolerations[${index}]`, goForm(each, "Toleration"));
  });
}
