/** StorageClasses. */
import type { FieldErrors } from "../../api/field-errors.ts";
import { byteLength, labelKey } from "../../api/names.ts";
import { kindRules } from "../define.ts";
import type { StrategyContext } from "../kind.ts";
import type { StorageClass, TopologySelectorTerm } from "../generated/types.ts";
import { outOfUse } from "../pod/node-labels.ts";
import { checkImmutable, checkImmutableMap, checkLabelKey, checkMetadata, checkMetadataUpdate, checkOneOf, complain } from "../shared/checks.ts";

const PARAMETERS_MAX = 512;
const PARAMETERS_BYTES_MAX = 262_144;

export const storageClass = kindRules<StorageClass>(["storage.k8s.io", "v1", "StorageClass"], {
  defaults(storageClass) {
    storageClass.reclaimPolicy ??= "Delete";
    storageClass.volumeBindingMode ??= "Immediate";
  },
  validate: checkStorageClass,
  validateUpdate(next, old, errors) {
    checkStorageClass(next, errors);
    checkMetadataUpdate(next.metadata, old.metadata, errors);
    checkImmutableMap(next.parameters, old.parameters, "parameters", errors);
    checkImmutable(next.provisioner ?? "", old.provisioner ?? "", "provisioner", errors);
    checkImmutable(next.reclaimPolicy, old.reclaimPolicy, "reclaimPolicy", errors);
    checkImmutable(next.volumeBindingMode, old.volumeBindingMode, "volumeBindingMode", errors);
  },
  warn,
});

function checkStorageClass({ metadata, provisioner = "", parameters, reclaimPolicy = "", volumeBindingMode, allowedTopologies }: StorageClass, errors: FieldErrors): void {
  checkMetadata(metadata, false, errors);
  if (provisioner === "") errors.required("provisioner");
  else complain(errors, "provisioner", provisioner.toLowerCase(), labelKey(provisioner.toLowerCase()));
  checkParameters(parameters ?? {}, "parameters", errors);
  if (reclaimPolicy !== "") checkOneOf(reclaimPolicy, ["Delete", "Retain"], "reclaimPolicy", errors);
  if (volumeBindingMode === undefined) errors.required("volumeBindingMode");
  else checkOneOf(volumeBindingMode, ["Immediate", "WaitForFirstConsumer"], "volumeBindingMode", errors);
  if (allowedTopologies !== undefined) checkTopologies(allowedTopologies, errors);
}
/** Of a StorageClass, and of a VolumeAttributesClass. */
export function checkParameters(parameters: Readonly<Record<string, string>>, path: string, errors: FieldErrors): void {
  let bytes = 0;
  if (Object.keys(parameters).length > PARAMETERS_MAX) {
    errors.tooLong(path, PARAMETERS_MAX);
    return;
  }
  for (const key in parameters) {
    if (key === "") errors.invalid(path, key, "field can not be empty.");
    bytes += byteLength(key) + byteLength(parameters[key]!);
  }
  if (bytes > PARAMETERS_BYTES_MAX) errors.tooLong(path, PARAMETERS_BYTES_MAX);
}

function checkTopologies(terms: readonly TopologySelectorTerm[], errors: FieldErrors): void {
  // The real server compares each with as many empty ones as there are terms, and with those before it.
  const seen: string[] = terms.map(() => "[]");
  terms.forEach(({ matchLabelExpressions = [] }, index) => {
    const at = `allowedTopologies[${index}].matchLabelExpressions`;
    const byKey = new Map<string, string[]>();
    matchLabelExpressions.forEach(({ key = "", values }, expression) => {
      const path = `${at}[${expression}]`;
      const all = values ?? [];
      if (all.length === 0) errors.required(`${path}.values`);
      all.forEach((value, valueIndex) => { if (all.indexOf(value) < valueIndex) errors.duplicate(`${path}.values[${valueIndex}]`, value); });
      checkLabelKey(key, `${path}.key`, errors);
      if (byKey.has(key)) errors.duplicate(`${path}.key`, key);
      byKey.set(key, [...new Set(all)].sort());
    });
    const shown = JSON.stringify([...byKey].sort(([a], [b]) => (a < b ? -1 : 1)));
    for (const each of seen) if (each === shown) errors.duplicate(at, "");
    seen.push(shown);
  });
}

function warn({ allowedTopologies }: StorageClass, _: StorageClass | undefined, context: StrategyContext): void {
  allowedTopologies?.forEach(({ matchLabelExpressions }, index) => matchLabelExpressions?.forEach(({ key }, expression) => {
    const why = outOfUse(key);
    if (why !== undefined) context.warn(`allowedTopologies[${index}].matchLabelExpressions[${expression}].key: ${why}`);
  }));
}
