/** ControllerRevisions. */
import type { FieldErrors } from "../../api/field-errors.ts";
import { kindRules } from "../define.ts";
import type { ControllerRevision } from "../generated/types.ts";
import { checkImmutable, checkMetadata, checkMetadataUpdate, checkNonNegative } from "../shared/checks.ts";

export const controllerRevision = kindRules<ControllerRevision>(["apps", "v1", "ControllerRevision"], {
  validate(revision, errors) {
    checkRevision(revision, errors);
    const { data } = revision as { data?: unknown };
    if (data === undefined || data === null) errors.required("data", "data is mandatory");
    else if (typeof data !== "object" || Array.isArray(data)) errors.required("data", "data must be a valid JSON object");
  },
  validateUpdate(next, old, errors) {
    checkMetadataUpdate(next.metadata, old.metadata, errors);
    checkRevision(next, errors);
    checkImmutable(next.data, old.data, "data", errors);
  },
});

function checkRevision({ metadata, revision }: ControllerRevision, errors: FieldErrors): void {
  checkMetadata(metadata, true, errors);
  checkNonNegative(revision as number | undefined, "revision", errors);
}
