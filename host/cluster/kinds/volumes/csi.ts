/** What the drivers of volumes tell of themselves: CSIDrivers, CSINodes, CSIStorageCapacities. */
import type { FieldErrors } from "../../api/field-errors.ts";
import { labelKey, longerThan, subdomainName } from "../../api/names.ts";
import { kindRules } from "../define.ts";
import type { CSIDriver, CSIDriverSpec, CSINode, CSINodeDriver, CSIStorageCapacity, StorageV1TokenRequest } from "../generated/types.ts";
import { warnOfNodeLabels } from "../pod/node-labels.ts";
import { checkImmutable, checkMetadata, checkMetadataUpdate, checkNonNegative, checkNonNegativeQuantity, checkOneOf, complain } from "../shared/checks.ts";
import { equal } from "../shared/equal.ts";
import { countChange } from "../shared/generation.ts";
import { goForm } from "../shared/go-form.ts";
import { checkLabelSelector } from "../shared/label-selector.ts";
import { checkDriverName } from "./sources.ts";

const PERIOD_SECONDS_MIN = 10;
const EXPIRATION_SECONDS_MIN = 600;
const EXPIRATION_SECONDS_MAX = 2 ** 32;
const NODE_ID_BYTES_MAX = 256;
const TOKENS_WARNING = "spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes";

export const csiDriver = kindRules<CSIDriver>(["storage.k8s.io", "v1", "CSIDriver"], {
  defaults(driver) {
    const spec = driver.spec ??= {};
    spec.attachRequired ??= true;
    spec.podInfoOnMount ??= false;
    spec.storageCapacity ??= false;
    spec.fsGroupPolicy ??= "ReadWriteOnceWithFSType";
    if ((spec.volumeLifecycleModes?.length ?? 0) === 0) spec.volumeLifecycleModes = ["Persistent"];
    spec.requiresRepublish ??= false;
    spec.seLinuxMount ??= false;
  },
  create({ spec }) { delete spec?.preventPodSchedulingIfMissing; },
  update(next, old) {
    if (old.spec?.preventPodSchedulingIfMissing === undefined) delete next.spec?.preventPodSchedulingIfMissing;
    countChange(next, old);
  },
  validate({ metadata, spec = {} }, errors) {
    checkMetadata(metadata, false, errors);
    checkDriver(spec, errors);
  },
  validateUpdate(next, old, errors) {
    const { spec = {} } = next;
    checkMetadataUpdate(next.metadata, old.metadata, errors);
    checkDriver(spec, errors);
    checkImmutable(spec.attachRequired, old.spec?.attachRequired, "spec.attachedRequired", errors);
    checkImmutable(spec.volumeLifecycleModes, old.spec?.volumeLifecycleModes, "spec.volumeLifecycleModes", errors);
  },
  warn({ spec }, old, { warn }) {
    const { tokenRequests = [], serviceAccountTokenInSecrets } = spec ?? {};
    if (tokenRequests.length > 0 && serviceAccountTokenInSecrets === undefined && !(old !== undefined && equal(old.spec?.tokenRequests, tokenRequests))) warn(TOKENS_WARNING);
  },
  unconditionalUpdate: false,
});

function checkDriver(spec: CSIDriverSpec, errors: FieldErrors): void {
  const { fsGroupPolicy, tokenRequests = [], volumeLifecycleModes = [], nodeAllocatableUpdatePeriodSeconds: period, serviceAccountTokenInSecrets } = spec;
  if (fsGroupPolicy !== undefined) checkOneOf(fsGroupPolicy, ["File", "None", "ReadWriteOnceWithFSType"], "spec.fsGroupPolicy", errors);
  checkTokens(tokenRequests, "spec.tokenRequests", errors);
  for (const mode of volumeLifecycleModes) if (mode !== "Persistent" && mode !== "Ephemeral") errors.notSupported("spec.volumeLifecycleModes", mode, ["Persistent", "Ephemeral"]);
  if (period !== undefined && period < PERIOD_SECONDS_MIN) errors.invalid("spec.nodeAllocatableUpdatePeriodSeconds", period, `must be greater than or equal to ${PERIOD_SECONDS_MIN} seconds`);
  if (serviceAccountTokenInSecrets !== undefined && tokenRequests.length === 0) errors.invalid("spec.serviceAccountTokenInSecrets", serviceAccountTokenInSecrets, "serviceAccountTokenInSecrets is set but no tokenRequests are specified");
}
function checkTokens(requests: readonly StorageV1TokenRequest[], path: string, errors: FieldErrors): void {
  const audiences = new Set<string>();
  requests.forEach(({ audience = "", expirationSeconds: seconds }, index) => {
    const at = `${path}[${index}]`;
    if (audiences.has(audience)) {
      errors.duplicate(`${at}.audience`, audience);
      return;
    }
    audiences.add(audience);
    if (seconds !== undefined && seconds < EXPIRATION_SECONDS_MIN) errors.invalid(`${at}.expirationSeconds`, seconds, "may not specify a duration less than 10 minutes");
    if (seconds !== undefined && seconds > EXPIRATION_SECONDS_MAX) errors.invalid(`${at}.expirationSeconds`, seconds, "may not specify a duration larger than 2^32 seconds");
  });
}

export const csiNode = kindRules<CSINode>(["storage.k8s.io", "v1", "CSINode"], {
  validate: checkNode,
  validateUpdate(next, old, errors) {
    checkNode(next, errors);
    for (const before of old.spec?.drivers ?? []) {
      for (const driver of next.spec?.drivers ?? []) {
        if ((driver.name ?? "") !== (before.name ?? "")) continue;
        const { allocatable: _, ...rest } = driver;
        const { allocatable: __, ...oldRest } = before;
        if (!equal(rest, oldRest)) errors.invalid("spec.drivers", goForm(rest, "CSINodeDriver"), "field is immutable");
      }
    }
  },
  unconditionalUpdate: false,
});

function checkNode({ metadata, spec }: CSINode, errors: FieldErrors): void {
  checkMetadata(metadata, false, errors);
  const names = new Set<string>();
  spec?.drivers?.forEach((driver, index) => checkNodeDriver(driver, names, `spec.drivers[${index}]`, errors));
}
function checkNodeDriver({ name = "", nodeID = "", allocatable, topologyKeys }: CSINodeDriver, names: Set<string>, path: string, errors: FieldErrors): void {
  checkDriverName(name, `${path}.name`, errors);
  if (nodeID === "") errors.required(`${path}.nodeID`);
  if (longerThan(nodeID, NODE_ID_BYTES_MAX)) errors.invalid(`${path}.nodeID`, nodeID, `must be ${NODE_ID_BYTES_MAX} characters or less`);
  checkNonNegative(allocatable?.count, `${path}.allocatable.count`, errors);
  if (names.has(name)) errors.duplicate(`${path}.name`, name);
  names.add(name);
  const keys = new Set<string>();
  for (const key of topologyKeys ?? []) {
    if (key === "") errors.required(path);
    if (keys.has(key)) errors.duplicate(path, key);
    keys.add(key);
    complain(errors, path, key, labelKey(key));
  }
}

export const csiStorageCapacity = kindRules<CSIStorageCapacity>(["storage.k8s.io", "v1", "CSIStorageCapacity"], {
  validate: checkCapacity,
  validateUpdate(next, old, errors) {
    checkCapacity(next, errors);
    checkMetadataUpdate(next.metadata, old.metadata, errors);
    checkImmutable(next.nodeTopology, old.nodeTopology, "nodeTopology", errors);
    checkImmutable(next.storageClassName ?? "", old.storageClassName ?? "", "storageClassName", errors);
  },
  warn: ({ nodeTopology }, _, context) => warnOfNodeLabels(nodeTopology, "nodeTopology", context),
  unconditionalUpdate: false,
});

function checkCapacity({ metadata, nodeTopology, storageClassName = "", capacity }: CSIStorageCapacity, errors: FieldErrors): void {
  checkMetadata(metadata, true, errors);
  checkLabelSelector(nodeTopology, "nodeTopology", errors);
  complain(errors, "storageClassName", storageClassName, subdomainName(storageClassName, false));
  if (capacity !== undefined) checkNonNegativeQuantity(capacity, "capacity", errors);
}
