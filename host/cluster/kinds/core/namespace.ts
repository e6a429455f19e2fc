/** Namespaces. */
import type { FieldErrors } from "../../api/field-errors.ts";
import { labelKey, labelName } from "../../api/names.ts";
import { kindRules } from "../define.ts";
import type { Namespace } from "../generated/types.ts";
import { checkFinalizer, checkMetadata, checkMetadataUpdate, complain } from "../shared/checks.ts";

const NAME_LABEL = "kubernetes.io/metadata.name";
/** The namespace's contents are cleared away before it goes. */
const FINALIZER = "kubernetes";

export const namespace = kindRules<Namespace>(["", "v1", "Namespace"], {
  defaults(namespace) {
    nameByLabel(namespace);
    const status = namespace.status ??= {};
    status.phase ??= "Active";
  },
  create(namespace) {
    nameByLabel(namespace);
    namespace.status = { phase: "Active" };
    const spec = namespace.spec ??= {};
    if (spec.finalizers?.includes(FINALIZER) !== true) spec.finalizers = [...spec.finalizers ?? [], FINALIZER];
  },
  update(next, old) {
    next.spec = { ...next.spec, finalizers: old.spec?.finalizers };
    next.status = old.status;
  },
  validate,
  validateUpdate(next, old, errors) {
    validate(next, errors);
    checkMetadataUpdate(next.metadata, old.metadata, errors);
  },
  subresources: {
    status: {
      update(next, old) { next.spec = old.spec; },
      validate(next, old, errors) {
        checkMetadataUpdate(next.metadata, old.metadata, errors);
        const phase = next.status?.phase ?? "";
        const going = next.metadata.deletionTimestamp !== undefined;
        if (!going && phase !== "Active") errors.invalid("status.Phase", phase, "may only be 'Active' if `deletionTimestamp` is empty");
        if (going && phase !== "Terminating") errors.invalid("status.Phase", phase, "may only be 'Terminating' if `deletionTimestamp` is not empty");
      },
    },
    finalize: {
      update(next, old) { next.status = old.status; },
      validate(next, old, errors) {
        checkMetadataUpdate(next.metadata, old.metadata, errors);
        next.spec?.finalizers?.forEach((each, index) => checkNamed(each, `spec.finalizers[${index}]`, errors));
      },
    },
  },
}, { selectable: { "status.phase": ({ status }) => status?.phase ?? "" } });

function nameByLabel({ metadata }: Namespace): void {
  if ((metadata.name ?? "") !== "") metadata.labels = { ...metadata.labels, [NAME_LABEL]: metadata.name };
}
function validate({ metadata, spec }: Namespace, errors: FieldErrors): void {
  checkMetadata(metadata, false, errors, labelName);
  for (const each of spec?.finalizers ?? []) checkNamed(each, "spec.finalizers", errors);
}
function checkNamed(finalizer: string, path: string, errors: FieldErrors): void {
  complain(errors, path, finalizer, labelKey(finalizer));
  checkFinalizer(finalizer, path, errors);
}
