/** What makes a CustomResourceDefinition valid, in the words of the real API server. */
import type { FieldErrors } from "../api/field-errors.ts";
import { dns1035Label, dnsSubdomain } from "../api/names.ts";
import type { Json } from "../model.ts";
import type { Definition, DefinitionVersion, Names } from "./definition.ts";
import { validateSchema } from "./validate-schema.ts";

export function validateDefinition(definition: Definition, old: Definition | undefined, errors: FieldErrors): void {
  const { spec, status } = definition;
  validateGroup(spec.group ?? "", errors);
  if (spec.scope === undefined || String(spec.scope) === "") errors.required("spec.scope");
  else if (spec.scope !== "Cluster" && spec.scope !== "Namespaced") errors.notSupported("spec.scope", spec.scope, ["Cluster", "Namespaced"]);
  validateVersions(spec.versions ?? null, errors);
  validateNames(spec.names ?? ({} as Names), errors);
  validateConversion(definition, errors);
  if (old !== undefined) validateImmutable(definition, old, errors);
  validateStored(definition, status?.storedVersions ?? null, errors);
}

function validateGroup(group: string, errors: FieldErrors): void {
  if (group === "") return errors.required("spec.group");
  const complaints = dnsSubdomain(group);
  if (complaints.length > 0) errors.invalid("spec.group", group, complaints.join(","));
  else if (!group.includes(".")) errors.invalid("spec.group", group, "should be a domain with at least one dot");
}

function validateVersions(given: readonly DefinitionVersion[] | null, errors: FieldErrors): void {
  const versions = given ?? [];
  const names = new Set<string>();
  let unique = true;
  let stored = 0;
  versions.forEach((version, index) => {
    const path = `spec.versions[${index}]`;
    if (names.has(version.name)) unique = false;
    names.add(version.name);
    if (version.storage) stored++;
    const complaints = dns1035Label(version.name ?? "");
    if (complaints.length > 0) errors.invalid(`${path}.name`, version.name ?? "", complaints.join(","));
    if (version.deprecationWarning !== undefined && version.deprecated !== true) errors.invalid(`${path}.deprecationWarning`, version.deprecationWarning, "can only be set for deprecated versions");
    validateVersion(version, path, versions.length === 1, errors);
  });
  const shown = given === null ? null : shownVersions(versions);
  if (!unique) errors.invalid("spec.versions", shown, "must contain unique version names");
  if (stored !== 1) errors.invalid("spec.versions", shown, "must have exactly one version marked as storage version");
  // The internal form repeats the first version's name in a field of its own.
  const complaints = dns1035Label(versions[0]?.name ?? "v");
  if (complaints.length > 0) errors.invalid("spec.version", versions[0]!.name, complaints.join(","));
}

function validateVersion(version: DefinitionVersion, path: string, only: boolean, errors: FieldErrors): void {
  const schema = version.schema?.openAPIV3Schema;
  if (schema === undefined) errors.required(`${path}.schema.openAPIV3Schema`);
  // The internal form keeps the schema of a single version beside the versions: its paths are those.
  else validateSchema(schema, `${only ? "spec.validation" : `${path}.schema`}.openAPIV3Schema`, version.subresources?.status !== undefined, errors);
  const scale = version.subresources?.scale;
  if (scale !== undefined) {
    const at = `${only ? "spec.subresources" : `${path}.subresources`}.scale`;
    if (scale.specReplicasPath === undefined || scale.specReplicasPath === "") errors.required(`${at}.specReplicasPath`);
    else if (!scale.specReplicasPath.startsWith(".spec.")) errors.invalid(`${at}.specReplicasPath`, scale.specReplicasPath, "should be a json path under .spec");
    if (scale.statusReplicasPath === undefined || scale.statusReplicasPath === "") errors.required(`${at}.statusReplicasPath`);
    else if (!scale.statusReplicasPath.startsWith(".status.")) errors.invalid(`${at}.statusReplicasPath`, scale.statusReplicasPath, "should be a json path under .status");
  }
}

/** As Go prints the internal form of versions. A single version's schema and subresources have moved elsewhere in it. */
function shownVersions(versions: readonly DefinitionVersion[]): Json {
  return versions.map(({ name, served, storage, deprecated, deprecationWarning }) => ({
    Name: name, Served: served, Storage: storage, Deprecated: deprecated ?? false, DeprecationWarning: deprecationWarning ?? null,
    Schema: null, Subresources: null, AdditionalPrinterColumns: null, SelectableFields: null,
  }));
}

function validateNames(names: Names, errors: FieldErrors): void {
  const label = (field: string, value: string | undefined): void => {
    if (value === undefined || value === "") return errors.required(`spec.names.${field}`);
    // Kinds are labels but for their capitals.
    const complaints = dns1035Label(field === "kind" || field === "listKind" ? value.toLowerCase() : value);
    if (complaints.length > 0) errors.invalid(`spec.names.${field}`, value, complaints.map((each) => (field === "kind" || field === "listKind" ? `may have mixed case, but should otherwise match: ${each}` : each)).join(","));
  };
  label("plural", names.plural);
  label("singular", names.singular);
  label("kind", names.kind);
  label("listKind", names.listKind);
  names.shortNames?.forEach((name, index) => {
    const complaints = dns1035Label(name);
    if (complaints.length > 0) errors.invalid(`spec.names.shortNames[${index}]`, name, complaints.join(","));
  });
  if (names.kind !== undefined && names.kind !== "" && names.kind === names.listKind) errors.invalid("spec.names.listKind", names.listKind, "kind and listKind may not be the same");
}

function validateConversion({ spec: { conversion } }: Definition, errors: FieldErrors): void {
  if (conversion === undefined || conversion.strategy === "None") return;
  if (conversion.strategy !== "Webhook") return errors.notSupported("spec.conversion.strategy", conversion.strategy, ["None", "Webhook"]);
  const webhook = conversion.webhook as { clientConfig?: object; conversionReviewVersions?: string[] } | undefined;
  if (webhook?.clientConfig === undefined) errors.required("spec.conversion.webhookClientConfig", "required when strategy is set to Webhook");
  if ((webhook?.conversionReviewVersions ?? []).length === 0) errors.required("spec.conversion.conversionReviewVersions");
  if (webhook?.clientConfig !== undefined) errors.forbidden("spec.conversion.strategy", "the embedded cluster does not convert by webhook");
}

function validateImmutable({ spec }: Definition, old: Definition, errors: FieldErrors): void {
  const immutable = (field: string, next: string, before: string): void => {
    if (next !== before) errors.invalid(field, next, "field is immutable");
  };
  const established = old.status?.conditions?.some(({ type, status }) => type === "Established" && status === "True") === true;
  if (established) {
    immutable("spec.scope", spec.scope, old.spec.scope);
    immutable("spec.names.kind", spec.names.kind, old.spec.names.kind);
  }
  immutable("spec.group", spec.group, old.spec.group);
  immutable("spec.names.plural", spec.names.plural, old.spec.names.plural);
}

function validateStored({ spec }: Definition, stored: string[] | null, errors: FieldErrors): void {
  if (stored === null || stored.length === 0) return errors.invalid("status.storedVersions", stored, "must have at least one stored version");
  const names = (spec.versions ?? []).map(({ name }) => name);
  stored.forEach((name, index) => {
    if (!names.includes(name)) errors.invalid(`status.storedVersions[${index}]`, name, "missing from spec.versions; v1 was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v1 and removes v1 from status.storedVersions".replaceAll("v1", name));
  });
  const storages = (spec.versions ?? []).filter((version) => version.storage).map(({ name }) => name);
  const storage = storages[0];
  // A version that is there twice is looked for twice, and found once.
  if (storage !== undefined && (!stored.includes(storage) || storages.lastIndexOf(storage) > 0)) errors.invalid("status.storedVersions", stored, `must have the storage version ${storage}`);
}
