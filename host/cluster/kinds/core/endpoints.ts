/** Endpoints, which EndpointSlices have taken the place of. */
import type { FieldErrors } from "../../api/field-errors.ts";
import { labelKey, portNumber, subdomainName } from "../../api/names.ts";
import { kindRules } from "../define.ts";
import type { EndpointAddress, EndpointPort, Endpoints } from "../generated/types.ts";
import { checkDnsLabel, checkMetadata, checkMetadataUpdate, checkRequiredOneOf, complain } from "../shared/checks.ts";
import { equal } from "../shared/equal.ts";
import { checkEndpointIp, checkIp } from "../shared/ip.ts";
import { ipWarnings } from "./service/warnings.ts";

const MANAGED_BY = "endpoints.kubernetes.io/managed-by";
const CONTROLLER = "endpoint-controller";

export const endpoints = kindRules<Endpoints>(["", "v1", "Endpoints"], {
  defaults({ subsets }) { for (const { ports } of subsets ?? []) for (const port of ports ?? []) port.protocol ??= "TCP"; },
  validate: (created, errors) => checkEndpoints(created, undefined, errors),
  validateUpdate(next, old, errors) {
    checkMetadataUpdate(next.metadata, old.metadata, errors);
    checkEndpoints(next, old, errors);
  },
  warn({ metadata, subsets }, _, { warn }) {
    if (metadata.labels?.[MANAGED_BY] === CONTROLLER) return;
    subsets?.forEach((subset, index) => {
      for (const field of ["addresses", "notReadyAddresses"] as const) {
        subset[field]?.forEach(({ ip = "" }, n) => { for (const each of ipWarnings(`subsets[${index}].${field}[${n}].ip`, ip)) warn(each); });
      }
    });
  },
  createOnUpdate: true,
}, { warning: "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice" });

function checkEndpoints({ metadata, subsets }: Endpoints, old: Endpoints | undefined, errors: FieldErrors): void {
  checkMetadata(metadata, true, errors);
  // What was stored under older rules may stay.
  if (old !== undefined && equal(old.subsets, subsets)) return;
  subsets?.forEach(({ addresses = [], notReadyAddresses = [], ports = [] }, index) => {
    const path = `subsets[${index}]`;
    if (addresses.length === 0 && notReadyAddresses.length === 0) errors.required(path, "must specify `addresses` or `notReadyAddresses`");
    addresses.forEach((each, n) => checkAddress(each, `${path}.addresses[${n}]`, errors));
    notReadyAddresses.forEach((each, n) => checkAddress(each, `${path}.notReadyAddresses[${n}]`, errors));
    ports.forEach((each, n) => checkPort(each, ports.length > 1, `${path}.ports[${n}]`, errors));
  });
}
function checkAddress({ ip = "", hostname = "", nodeName }: EndpointAddress, path: string, errors: FieldErrors): void {
  checkIp(ip, `${path}.ip`, errors);
  if (hostname !== "") checkDnsLabel(hostname, `${path}.hostname`, errors);
  if (nodeName !== undefined) complain(errors, `${path}.nodeName`, nodeName, subdomainName(nodeName, false));
  checkEndpointIp(ip, `${path}.ip`, errors);
}
function checkPort({ name = "", port = 0, protocol, appProtocol }: EndpointPort, named: boolean, path: string, errors: FieldErrors): void {
  if (name !== "") checkDnsLabel(name, `${path}.name`, errors);
  else if (named) errors.required(`${path}.name`);
  complain(errors, `${path}.port`, port, portNumber(port));
  checkRequiredOneOf(protocol, ["SCTP", "TCP", "UDP"], `${path}.protocol`, errors);
  if (appProtocol !== undefined) complain(errors, `${path}.appProtocol`, appProtocol, labelKey(appProtocol));
}
