/** ConfigMaps. */
import type { FieldErrors } from "../../api/field-errors.ts";
import { byteLength, configKey } from "../../api/names.ts";
import { kindRules } from "../define.ts";
import type { ConfigMap } from "../generated/types.ts";
import { checkMetadata, checkMetadataUpdate, complain } from "../shared/checks.ts";
import { equal } from "../shared/equal.ts";
import { decodedLength } from "../shared/base64.ts";

/** Of all values together; the same for Secrets. */
export const DATA_BYTES_MAX = 1_048_576;

export const configMap = kindRules<ConfigMap>(["", "v1", "ConfigMap"], {
  validate,
  validateUpdate(next, old, errors) {
    checkMetadataUpdate(next.metadata, old.metadata, errors);
    if (old.immutable === true) {
      if (next.immutable !== true) errors.forbidden("immutable", FROZEN);
      if (!equal(next.data ?? {}, old.data ?? {})) errors.forbidden("data", FROZEN);
      if (!equal(next.binaryData ?? {}, old.binaryData ?? {})) errors.forbidden("binaryData", FROZEN);
    }
    validate(next, errors);
  },
});
export const FROZEN = "field is immutable when `immutable` is set";

function validate({ metadata, data, binaryData }: ConfigMap, errors: FieldErrors): void {
  checkMetadata(metadata, true, errors);
  let bytes = 0;
  for (const key in data) {
    complain(errors, `data[${key}]`, key, configKey(key));
    if (binaryData !== undefined && Object.hasOwn(binaryData, key)) errors.invalid(`data[${key}]`, key, "duplicate of key present in binaryData");
    bytes += byteLength(data[key]!);
  }
  for (const key in binaryData) {
    complain(errors, `binaryData[${key}]`, key, configKey(key));
    bytes += decodedLength(binaryData[key]!);
  }
  if (bytes > DATA_BYTES_MAX) errors.tooLong("[]", DATA_BYTES_MAX);
}
