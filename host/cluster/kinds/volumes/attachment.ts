/** VolumeAttachments and VolumeAttributesClasses. */
import type { FieldErrors } from "../../api/field-errors.ts";
import { byteLength, labelKey, longerThan, rangeComplaint, subdomainName } from "../../api/names.ts";
import { kindRules } from "../define.ts";
import type { VolumeAttachment, VolumeAttachmentSource, VolumeAttributesClass, VolumeError } from "../generated/types.ts";
import { checkMetadata, checkMetadataUpdate, complain } from "../shared/checks.ts";
import { equal } from "../shared/equal.ts";
import { goForm } from "../shared/go-form.ts";
import { keepMetadata } from "../shared/keep-metadata.ts";
import { checkDriverName } from "./sources.ts";
import { checkParameters } from "./storage-class.ts";
import { checkVolumeSpec, setVolumeSpecDefaults } from "./volume-spec.ts";

const METADATA_BYTES_MAX = 262_144;
const MESSAGE_BYTES_MAX = 1024;
const ONE_SOURCE = "must specify exactly one of inlineVolumeSpec and persistentVolumeName";

export const volumeAttachment = kindRules<VolumeAttachment>(["storage.k8s.io", "v1", "VolumeAttachment"], {
  defaults({ spec }) { if (spec?.source?.inlineVolumeSpec !== undefined) setVolumeSpecDefaults(spec.source.inlineVolumeSpec); },
  create(attachment) { attachment.status = { attached: false }; },
  update(next, old) { next.status = old.status; },
  validate: checkAttachment,
  validateUpdate: checkChange,
  unconditionalUpdate: false,
  subresources: {
    status: {
      update(next, old) {
        next.spec = old.spec;
        keepMetadata(next, old);
      },
      validate: checkChange,
    },
  },
});

function checkChange(next: VolumeAttachment, old: VolumeAttachment, errors: FieldErrors): void {
  checkAttachment(next, errors);
  if (!equal(next.spec, old.spec)) errors.invalid("spec", goForm(next.spec, "VolumeAttachmentSpec"), "field is immutable");
}

function checkAttachment({ metadata, spec = {}, status = {} }: VolumeAttachment, errors: FieldErrors): void {
  const { attacher, source = {}, nodeName = "" } = spec;
  checkMetadata(metadata, false, errors);
  checkDriverName(attacher, "spec.attacher", errors);
  checkSource(source, "spec.source", errors);
  complain(errors, "spec.nodeName", nodeName, subdomainName(nodeName, false));
  let bytes = 0;
  for (const key in status.attachmentMetadata) bytes += byteLength(key) + byteLength(status.attachmentMetadata[key]!);
  if (bytes > METADATA_BYTES_MAX) errors.tooLong("status.attachmentMetadata", METADATA_BYTES_MAX);
  checkError(status.attachError, "status.attachError", errors);
  checkError(status.detachError, "status.detachError", errors);
  const { persistentVolumeName: name } = source;
  if (name !== undefined) complain(errors, "spec.source.persistentVolumeName", name, subdomainName(name, false));
}
function checkSource({ persistentVolumeName: name, inlineVolumeSpec: inline }: VolumeAttachmentSource, path: string, errors: FieldErrors): void {
  if (inline === undefined && name === undefined) errors.required(path, ONE_SOURCE);
  else if (inline !== undefined && name !== undefined) errors.forbidden(path, ONE_SOURCE);
  else if (name === "") errors.required(`${path}.persistentVolumeName`, "must specify non empty persistentVolumeName");
  else if (inline !== undefined) checkVolumeSpec(inline, "", { inline: true, anyNodeValues: false }, `${path}.inlineVolumeSpec`, errors);
}
function checkError(error: VolumeError | undefined, path: string, errors: FieldErrors): void {
  if (error === undefined) return;
  // The limit that is told is not the one that is checked.
  if (longerThan(error.message ?? "", MESSAGE_BYTES_MAX)) errors.tooLong(`${path}.message`, METADATA_BYTES_MAX);
  if (error.errorCode !== undefined && error.errorCode < 0) errors.invalid(`${path}.errorCode`, error.errorCode, rangeComplaint(0, 2_147_483_647));
}

export const volumeAttributesClass = kindRules<VolumeAttributesClass>(["storage.k8s.io", "v1", "VolumeAttributesClass"], {
  validate: checkClass,
  validateUpdate(next, old, errors) {
    checkMetadataUpdate(next.metadata, old.metadata, errors);
    if ((next.driverName ?? "") !== (old.driverName ?? "")) errors.forbidden("driverName", "updates to driverName are forbidden.");
    if (!equal(next.parameters, old.parameters)) errors.forbidden("parameters", "updates to parameters are forbidden.");
    checkClass(next, errors);
  },
});

function checkClass({ metadata, driverName = "", parameters = {} }: VolumeAttributesClass, errors: FieldErrors): void {
  checkMetadata(metadata, false, errors);
  if (driverName === "") errors.required("driverName");
  else complain(errors, "driverName", driverName.toLowerCase(), labelKey(driverName.toLowerCase()));
  checkParameters(parameters, "parameters", errors);
  if (Object.keys(parameters).length === 0) errors.required("parameters", "must contain at least one key/value pair");
}
