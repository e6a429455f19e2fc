/** ServiceAccounts. */
import { kindRules } from "../define.ts";
import type { ServiceAccount } from "../generated/types.ts";
import { checkMetadata, checkMetadataUpdate } from "../shared/checks.ts";

const ENFORCED = "kubernetes.io/enforce-mountable-secrets";
const WARNING = `metadata.annotations[${ENFORCED}]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets`;

export const serviceAccount = kindRules<ServiceAccount>(["", "v1", "ServiceAccount"], {
  create: nameSecrets,
  update: nameSecrets,
  validate({ metadata }, errors) { checkMetadata(metadata, true, errors); },
  validateUpdate(next, old, errors) {
    checkMetadataUpdate(next.metadata, old.metadata, errors);
    checkMetadata(next.metadata, true, errors);
  },
  warn({ metadata }, old, context) {
    if (old?.metadata.annotations?.[ENFORCED] === undefined && metadata.annotations?.[ENFORCED] !== undefined) context.warn(WARNING);
  },
});

/** Of a reference to a Secret only the name means something. */
function nameSecrets(account: ServiceAccount): void {
  account.secrets = account.secrets?.map(({ name }) => (name === undefined ? {} : { name }));
}
