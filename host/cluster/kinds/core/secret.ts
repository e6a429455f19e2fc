/** Secrets. */
import type { FieldErrors } from "../../api/field-errors.ts";
import { configKey } from "../../api/names.ts";
import { JsonSyntaxError, parseGoJson } from "../../schema/go-json.ts";
import { kindOf } from "../../schema/json-values.ts";
import { kindRules } from "../define.ts";
import type { Secret } from "../generated/types.ts";
import { decodedLength, fromBase64, toBase64 } from "../shared/base64.ts";
import { checkImmutable, checkMetadata, checkMetadataUpdate, complain } from "../shared/checks.ts";
import { equal } from "../shared/equal.ts";
import { complaintOfPair } from "../shared/pem.ts";
import { DATA_BYTES_MAX, FROZEN } from "./config-map.ts";

export const secret = kindRules<Secret>(["", "v1", "Secret"], {
  defaults(secret) {
    secret.type ??= "Opaque";
    const { stringData } = secret;
    if (stringData === undefined) return;
    // Written once, never read: its values are data.
    const data: Record<string, string> = { ...secret.data };
    for (const key in stringData) data[key] = toBase64(stringData[key]!);
    secret.data = data;
    delete secret.stringData;
  },
  validate,
  validateUpdate(next, old, errors) {
    checkMetadataUpdate(next.metadata, old.metadata, errors);
    checkImmutable(next.type ?? "", old.type ?? "", "type", errors);
    if (old.immutable === true) {
      if (next.immutable !== true) errors.forbidden("immutable", FROZEN);
      if (!equal(next.data ?? {}, old.data ?? {})) errors.forbidden("data", FROZEN);
    }
    validate(next, errors);
  },
  warn({ type, data = {} }, _, { warn }) {
    const why = type === "kubernetes.io/tls" ? complaintOfPair(fromBase64(data["tls.crt"] ?? ""), fromBase64(data["tls.key"] ?? "")) : undefined;
    if (why !== undefined) warn(why);
  },
}, { selectable: { type: ({ type }) => type ?? "" } });

function validate(secret: Secret, errors: FieldErrors): void {
  const { metadata, data } = secret;
  checkMetadata(metadata, true, errors);
  let bytes = 0;
  for (const key in data) {
    complain(errors, `data[${key}]`, key, configKey(key));
    bytes += decodedLength(data[key]!);
  }
  if (bytes > DATA_BYTES_MAX) errors.tooLong("data", DATA_BYTES_MAX);
  checkType(secret, errors);
}

/** What a Secret of a known type must have. */
function checkType({ type, metadata, data = {} }: Secret, errors: FieldErrors): void {
  const require = (key: string): void => { if (data[key] === undefined) errors.required(`data[${key}]`); };
  switch (type) {
    case "kubernetes.io/service-account-token":
      if ((metadata.annotations?.["kubernetes.io/service-account.name"] ?? "") === "") errors.required("metadata.annotations[kubernetes.io/service-account.name]");
      break;
    case "kubernetes.io/dockercfg":
      checkJson(".dockercfg", data, errors);
      break;
    case "kubernetes.io/dockerconfigjson":
      checkJson(".dockerconfigjson", data, errors);
      break;
    case "kubernetes.io/basic-auth":
      if (data.username !== undefined || data.password !== undefined) break;
      require("username");
      require("password");
      break;
    case "kubernetes.io/ssh-auth":
      if ((data["ssh-privatekey"] ?? "") === "") errors.required("data[ssh-privatekey]");
      break;
    case "kubernetes.io/tls":
      require("tls.crt");
      require("tls.key");
  }
}
function checkJson(key: string, data: Readonly<Record<string, string>>, errors: FieldErrors): void {
  if (data[key] === undefined) {
    errors.required(`data[${key}]`);
    return;
  }
  const refused = (why: string): void => errors.invalid(`data[${key}]`, "<secret contents redacted>", why);
  try {
    const { value } = parseGoJson(fromBase64(data[key]));
    if (value !== null && kindOf(value) !== "object") refused(`json: cannot unmarshal ${kindOf(value)} into Go value of type map[string]interface {}`);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    refused(error.message);
  }
}
