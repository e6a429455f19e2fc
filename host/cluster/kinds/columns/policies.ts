/** Who may do what, and by which rules. */
import type {
  APIService, CertificateSigningRequest, FlowSchema, LabelSelector, MutatingAdmissionPolicy, ParamKind, ParamRef, PriorityClass, PriorityLevelConfiguration, ResourceSlice, ResourceV1ResourceClaim,
  RoleBinding, RuntimeClass, ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding, ValidatingWebhookConfiguration,
} from "../generated/types.ts";
import { humanDuration } from "../../../values/duration.ts";
import { age, named, orNone, row, type AnyRow } from "./cells.ts";

const bindingRow = row<RoleBinding>((binding, nowMs) => {
  const { metadata, roleRef = {}, subjects = [] } = binding;
  const of = (wanted: string): string => subjects.filter(({ kind }) => kind === wanted).map(({ name = "", namespace = "" }) => (wanted === "ServiceAccount" ? `${namespace}/${name}` : name)).join(", ");
  return [metadata.name, `${roleRef.kind ?? ""}/${roleRef.name ?? ""}`, age(binding, nowMs), of("User"), of("Group"), of("ServiceAccount")];
});

function stateOfRequest({ status }: CertificateSigningRequest): string {
  const is = (wanted: string): boolean => status?.conditions?.some(({ type }) => type === wanted) ?? false;
  return `${is("Denied") ? "Denied" : is("Approved") ? "Approved" : "Pending"}${is("Failed") ? ",Failed" : ""}${orNone(status?.certificate, "") === "" ? "" : ",Issued"}`;
}
const requestRow = row<CertificateSigningRequest>((request, nowMs) => {
  const { metadata, spec = {} } = request;
  const seconds = spec.expirationSeconds;
  return [metadata.name, age(request, nowMs), orNone(spec.signerName), spec.username ?? "", seconds === undefined ? "<none>" : humanDuration(seconds * 1000), stateOfRequest(request)];
});

const paramKind = (kind: ParamKind | undefined): string => (kind === undefined ? "<unset>" : `${kind.apiVersion ?? ""}/${kind.kind ?? ""}`);
function paramRef(ref: ParamRef | undefined): string {
  const { name = "", namespace = "", selector } = ref ?? {};
  if (name !== "") return `${orNone(namespace, "*")}/${name}`;
  return selector === undefined ? "<unset>" : goSelector(selector);
}
/** As Go prints the structure itself. */
function goSelector({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string {
  const labels = Object.entries(matchLabels).sort().map(([key, value]) => `${key}: ${value},`).join("");
  const expressions = matchExpressions.map(({ key = "", operator = "", values = [] }) => `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(" ")}],},`).join("");
  return `&LabelSelector{MatchLabels:map[string]string{${labels}},MatchExpressions:[]LabelSelectorRequirement{${expressions}},}`;
}
const webhooksRow = named<ValidatingWebhookConfiguration>(({ webhooks }) => [(webhooks ?? []).length]);
const policyBindingRow = named<ValidatingAdmissionPolicyBinding>(({ spec = {} }) => [spec.policyName ?? "", paramRef(spec.paramRef)]);

export function inPrecedence(a: FlowSchema, b: FlowSchema): number {
  return (a.spec?.matchingPrecedence ?? 0) - (b.spec?.matchingPrecedence ?? 0) || (a.metadata.name < b.metadata.name ? -1 : 1);
}
const flowRow = row<FlowSchema>((schema, nowMs) => {
  const { metadata, spec = {}, status } = schema;
  const dangling = status?.conditions?.find(({ type }) => type === "Dangling")?.status ?? "?";
  return [metadata.name, spec.priorityLevelConfiguration?.name ?? "", spec.matchingPrecedence ?? 0, spec.distinguisherMethod?.type ?? "<none>", age(schema, nowMs), dangling];
});
const levelRow = named<PriorityLevelConfiguration>(({ spec = {} }) => {
  const { limited } = spec;
  const queuing = limited?.limitResponse?.queuing;
  const queues = queuing === undefined ? ["<none>", "<none>", "<none>"] : [queuing.queues ?? 0, queuing.handSize ?? 0, queuing.queueLengthLimit ?? 0];
  return [spec.type ?? "", limited === undefined ? "<none>" : limited.nominalConcurrencyShares ?? 0, ...queues];
});

const serviceRow = named<APIService>(({ spec, status }) => {
  const { service } = spec ?? {};
  const available = status?.conditions?.find(({ type }) => type === "Available");
  const reason = orNone(available?.reason, "");
  return [
    service === undefined ? "Local" : `${service.namespace ?? ""}/${service.name ?? ""}`,
    available === undefined ? "Unknown" : available.status === "True" || reason === "" ? available.status ?? "" : `${available.status} (${reason})`,
  ];
});

function stateOfClaim({ metadata, status }: ResourceV1ResourceClaim): string {
  const going = metadata.deletionTimestamp !== undefined;
  if (status?.allocation === undefined) return going ? "deleted" : "pending";
  return [...going ? ["deleted"] : [], "allocated", ...(status.reservedFor ?? []).length > 0 ? ["reserved"] : []].join(",");
}

/** By "Kind.group". */
export const POLICY_ROWS: { readonly [kind: string]: AnyRow } = {
  "RoleBinding.rbac.authorization.k8s.io": bindingRow,
  "ClusterRoleBinding.rbac.authorization.k8s.io": bindingRow,
  "PriorityClass.scheduling.k8s.io": row<PriorityClass>((each, nowMs) => [each.metadata.name, each.value ?? 0, each.globalDefault ?? false, age(each, nowMs), each.preemptionPolicy ?? ""]),
  "RuntimeClass.node.k8s.io": named<RuntimeClass>(({ handler = "" }) => [handler]),
  "CertificateSigningRequest.certificates.k8s.io": requestRow,
  "MutatingWebhookConfiguration.admissionregistration.k8s.io": webhooksRow,
  "ValidatingWebhookConfiguration.admissionregistration.k8s.io": webhooksRow,
  "ValidatingAdmissionPolicy.admissionregistration.k8s.io": named<ValidatingAdmissionPolicy>(({ spec = {} }) => [(spec.validations ?? []).length, paramKind(spec.paramKind)]),
  "MutatingAdmissionPolicy.admissionregistration.k8s.io": named<MutatingAdmissionPolicy>(({ spec = {} }) => [(spec.mutations ?? []).length, paramKind(spec.paramKind)]),
  "ValidatingAdmissionPolicyBinding.admissionregistration.k8s.io": policyBindingRow,
  "MutatingAdmissionPolicyBinding.admissionregistration.k8s.io": policyBindingRow,
  "FlowSchema.flowcontrol.apiserver.k8s.io": flowRow,
  "PriorityLevelConfiguration.flowcontrol.apiserver.k8s.io": levelRow,
  "APIService.apiregistration.k8s.io": serviceRow,
  "DeviceClass.resource.k8s.io": named(),
  "ResourceClaim.resource.k8s.io": named<ResourceV1ResourceClaim>((claim) => [stateOfClaim(claim)]),
  "ResourceClaimTemplate.resource.k8s.io": named(),
  "ResourceSlice.resource.k8s.io": named<ResourceSlice>(({ spec = {} }) => [spec.nodeName ?? "", spec.driver ?? "", spec.pool?.name ?? ""]),
};
