/** IPAddresses and ServiceCIDRs: which addresses Services have, and may have. */
import type { FieldErrors } from "../../api/field-errors.ts";
import { FieldErrors as Errors } from "../../api/field-errors.ts";
import { dnsSubdomain, pathSegment, type NameRule } from "../../api/names.ts";
import { kindRules } from "../define.ts";
import type { IPAddress, ParentReference, ServiceCIDR } from "../generated/types.ts";
import { checkMetadata, checkMetadataUpdate, complain } from "../shared/checks.ts";
import { equal } from "../shared/equal.ts";
import { goForm } from "../shared/go-form.ts";
import { checkCanonicalCidr, checkCanonicalIp, parseCidr } from "../shared/ip.ts";
import { keepMetadata } from "../shared/keep-metadata.ts";

/** What is wrong with an address, without the address. */
const addressName: NameRule = (name) => {
  const errors = new Errors();
  checkCanonicalIp(name, "", errors);
  return errors.all.map(({ body }) => body.slice(`Invalid value: ${JSON.stringify(name)}: `.length));
};

export const ipAddress = kindRules<IPAddress>(["networking.k8s.io", "v1", "IPAddress"], {
  validate: checkAddress,
  validateUpdate(next, old, errors) {
    checkAddress(next, errors);
    checkMetadataUpdate(next.metadata, old.metadata, errors);
    if (!equal(next.spec?.parentRef, old.spec?.parentRef)) errors.invalid("spec.parentRef", goForm(next.spec?.parentRef, "ParentReference"), "field is immutable");
  },
});

function checkAddress({ metadata, spec = {} }: IPAddress, errors: FieldErrors): void {
  checkMetadata(metadata, false, errors, addressName);
  if (spec.parentRef === undefined) errors.required("spec.parentRef");
  else checkParent(spec.parentRef, "spec.parentRef", errors);
}
function checkParent({ group = "", resource = "", name = "", namespace = "" }: ParentReference, path: string, errors: FieldErrors): void {
  if (group !== "") complain(errors, `${path}.group`, group, dnsSubdomain(group));
  for (const [field, value] of [["resource", resource], ["name", name]] as const) {
    if (value === "") errors.required(`${path}.${field}`);
    else complain(errors, `${path}.${field}`, value, pathSegment(value, false));
  }
  if (namespace !== "") complain(errors, `${path}.namespace`, namespace, pathSegment(namespace, false));
}

export const serviceCidr = kindRules<ServiceCIDR>(["networking.k8s.io", "v1", "ServiceCIDR"], {
  create(range) { range.status = {}; },
  update(next, old) { next.status = old.status; },
  validate(range, errors) {
    checkMetadata(range.metadata, false, errors);
    checkRanges(range, errors);
  },
  validateUpdate(next, old, errors) {
    checkMetadataUpdate(next.metadata, old.metadata, errors);
    const ranges = next.spec?.cidrs ?? [];
    const before = old.spec?.cidrs ?? [];
    const immutable = (index: number): void => { if (ranges[index] !== before[index]) errors.invalid(`spec.cidrs[${index}]`, ranges[index], "field is immutable"); };
    if (ranges.length === before.length) {
      before.forEach((_, index) => immutable(index));
    } else if (before.length === 1 && ranges.length === 2) {
      immutable(0);
      checkRanges(next, errors);
    } else {
      errors.invalid("spec.cidrs", next.spec?.cidrs, "field is immutable");
    }
  },
  subresources: {
    status: {
      update(next, old) {
        next.spec = old.spec;
        keepMetadata(next, old);
      },
      validate(next, old, errors) { checkMetadataUpdate(next.metadata, old.metadata, errors); },
    },
  },
});

function checkRanges({ spec = {} }: ServiceCIDR, errors: FieldErrors): void {
  const { cidrs = [] } = spec;
  if (cidrs.length === 0) errors.required("spec.cidrs", "at least one CIDR required");
  else if (cidrs.length > 2) errors.invalid("spec.cidrs", { CIDRs: cidrs }, "may only hold up to 2 values");
  else {
    cidrs.forEach((range, index) => checkCanonicalCidr(range, `spec.cidrs[${index}]`, errors));
    const [one, other] = cidrs.map((range) => parseCidr(range)?.address.length);
    if (cidrs.length === 2 && one !== undefined && one === other) errors.invalid("spec.cidrs", cidrs, "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64");
  }
}
