/** Leases. */
import type { FieldErrors } from "../../api/field-errors.ts";
import { labelKey, subdomainName } from "../../api/names.ts";
import { validateMetadata, validateMetadataUpdate } from "../../api/validate-metadata.ts";
import { kindRules } from "../define.ts";
import type { Lease } from "../generated/types.ts";
import { complain } from "../shared/checks.ts";

export const lease = kindRules<Lease>(["coordination.k8s.io", "v1", "Lease"], {
  // Coordinated election is switched off in a cluster of this version.
  create: ({ spec }) => dropElection(spec, undefined),
  update: ({ spec }, old) => dropElection(spec, old.spec),
  validate(created, errors) {
    validateMetadata(created.metadata, true, subdomainName, errors);
    checkSpec(created, errors);
  },
  validateUpdate(next, old, errors) {
    validateMetadataUpdate(next.metadata, old.metadata, errors);
    checkSpec(next, errors);
  },
  unconditionalUpdate: false,
  createOnUpdate: true,
});

function dropElection(spec: Lease["spec"], old: Lease["spec"]): void {
  for (const field of ["strategy", "preferredHolder"] as const) if (old?.[field] === undefined) delete spec?.[field];
}

function checkSpec({ spec = {} }: Lease, errors: FieldErrors): void {
  const { leaseDurationSeconds: duration, leaseTransitions: transitions, strategy, preferredHolder = "" } = spec;
  if (duration !== undefined && duration <= 0) errors.invalid("spec.leaseDurationSeconds", duration, "must be greater than 0");
  if (transitions !== undefined && transitions < 0) errors.invalid("spec.leaseTransitions", transitions, "must be greater than or equal to 0");
  if (strategy !== undefined) checkStrategy(strategy, "spec.strategy.strategy", errors);
  if (preferredHolder !== "" && (strategy ?? "") === "") errors.forbidden("spec.preferredHolder", "may only be specified if `strategy` is defined");
}
function checkStrategy(strategy: string, path: string, errors: FieldErrors): void {
  if (strategy.includes("/")) complain(errors, path, strategy, labelKey(strategy));
  else if (strategy !== "OldestEmulationVersion") errors.notSupported(path, strategy, ["OldestEmulationVersion"]);
}
