/** What a Pod, or a template of Pods, gets that doesn't say. */
import type { Metadata } from "../../model.ts";
import type { Container, ObjectFieldSelector, Pod, PodSpec, PodStatus, Probe, ResourceRequirements, Volume } from "../generated/types.ts";
import { roundedToMilli } from "../shared/quantity.ts";
import { isForPods, isHugePages, isOvercommitAllowed, type ResourceList } from "../shared/resources.ts";
import { setClaimSpecDefaults } from "../volumes/claim-spec.ts";
import { everyContainer } from "./containers-of.ts";
import { defaultPullPolicy } from "./pull-policy.ts";
import { totalOfContainers } from "./resources.ts";

export function setPodDefaults(pod: Pod): void {
  const { metadata, spec = {} } = pod;
  pod.spec = spec;
  requestWhatIsLimited(spec);
  if (spec.resources !== undefined) setBudgetDefaults(spec, spec.resources);
  spec.enableServiceLinks ??= true;
  if (spec.hostNetwork === true) useHostPorts(spec);
  setPodSpecDefaults(spec);
  dropInitContainerAnnotations(metadata);
  if (spec.terminationGracePeriodSeconds! < 0) spec.terminationGracePeriodSeconds = 1;
  if (pod.status !== undefined) setStatusDefaults(pod.status);
}
function setStatusDefaults(status: PodStatus): void {
  // One field in two forms: the older one is the first of the newer.
  if (status.podIP !== undefined && status.podIPs?.[0]?.ip !== status.podIP) status.podIPs = [{ ip: status.podIP }];
  if (status.podIPs?.[0] !== undefined) status.podIP = status.podIPs[0].ip ?? "";
  for (const list of [status.initContainerStatuses, status.containerStatuses, status.ephemeralContainerStatuses]) {
    for (const { allocatedResources, resources } of list ?? []) {
      roundList(allocatedResources);
      roundBoth(resources);
    }
  }
  roundList(status.allocatedResources);
  roundBoth(status.resources);
}

/** Of a template, too: a Pod made from it gets the rest. */
export function setPodSpecDefaults(spec: PodSpec): void {
  spec.dnsPolicy ??= "ClusterFirst";
  spec.restartPolicy ??= "Always";
  spec.securityContext ??= {};
  spec.terminationGracePeriodSeconds ??= 30;
  spec.schedulerName ??= "default-scheduler";
  if (spec.volumes !== undefined) for (const volume of spec.volumes) setVolumeDefaults(volume);
  for (const container of everyContainer(spec)) setContainerDefaults(container);
  roundList(spec.overhead);
  roundBoth(spec.resources);
  // One field under two names: the older one follows.
  const account = spec.serviceAccountName ?? spec.serviceAccount;
  if (account !== undefined) spec.serviceAccountName = spec.serviceAccount = account;
}

export function setTemplateDefaults(template: { metadata?: Partial<Metadata>; spec?: PodSpec }): void {
  setPodSpecDefaults(template.spec ??= {});
  dropInitContainerAnnotations(template.metadata);
}

const GONE = ["pod.beta.kubernetes.io/init-containers", "pod.alpha.kubernetes.io/init-containers", "pod.beta.kubernetes.io/init-container-statuses", "pod.alpha.kubernetes.io/init-container-statuses"];
function dropInitContainerAnnotations(metadata: Partial<Metadata> | undefined): void {
  const annotations = metadata?.annotations;
  if (annotations === undefined) return;
  for (const key of GONE) delete annotations[key];
  if (Object.keys(annotations).length === 0) delete metadata!.annotations;
}

function requestWhatIsLimited(spec: PodSpec): void {
  for (const containers of [spec.containers, spec.initContainers]) {
    for (const { resources } of containers ?? []) if (resources?.limits !== undefined) resources.requests = { ...resources.limits, ...resources.requests };
  }
}
function setBudgetDefaults(spec: PodSpec, resources: ResourceRequirements): void {
  const { limits = {}, requests = {} } = resources;
  if (Object.keys(limits).length + Object.keys(requests).length > 0) {
    const total = totalOfContainers(spec, "limits");
    for (const name in total) if (isHugePages(name) && requests[name] === undefined) limits[name] ??= total[name]!;
    if (Object.keys(limits).length > 0) resources.limits = limits;
  }
  if (Object.keys(limits).length === 0) return;
  const total = totalOfContainers(spec, "requests");
  for (const name in total) if (isForPods(name) && isOvercommitAllowed(name)) requests[name] ??= total[name]!;
  for (const name in limits) if (isForPods(name)) requests[name] ??= limits[name]!;
  if (Object.keys(requests).length > 0) resources.requests = requests;
}
function useHostPorts(spec: PodSpec): void {
  for (const containers of [spec.containers, spec.initContainers]) {
    for (const { ports } of containers ?? []) for (const port of ports ?? []) port.hostPort ??= port.containerPort!;
  }
}

function setContainerDefaults(container: Container): void {
  container.imagePullPolicy ??= defaultPullPolicy(container.image);
  container.terminationMessagePath ??= "/dev/termination-log";
  container.terminationMessagePolicy ??= "File";
  if (container.ports !== undefined) for (const port of container.ports) port.protocol ??= "TCP";
  if (container.env !== undefined) {
    for (const { valueFrom } of container.env) {
      setFieldRefDefaults(valueFrom?.fieldRef);
      if (valueFrom?.fileKeyRef !== undefined) valueFrom.fileKeyRef.optional ??= false;
    }
  }
  roundBoth(container.resources);
  setProbeDefaults(container.livenessProbe);
  setProbeDefaults(container.readinessProbe);
  setProbeDefaults(container.startupProbe);
  setHttpDefaults(container.lifecycle?.postStart?.httpGet);
  setHttpDefaults(container.lifecycle?.preStop?.httpGet);
}
function setFieldRefDefaults(ref: ObjectFieldSelector | undefined): void {
  if (ref !== undefined) ref.apiVersion ??= "v1";
}
function setProbeDefaults(probe: Probe | undefined): void {
  if (probe === undefined) return;
  probe.timeoutSeconds ??= 1;
  probe.periodSeconds ??= 10;
  probe.successThreshold ??= 1;
  probe.failureThreshold ??= 3;
  setHttpDefaults(probe.httpGet);
  if (probe.grpc !== undefined) probe.grpc.service ??= "";
}
function setHttpDefaults(action: Probe["httpGet"]): void {
  if (action === undefined) return;
  action.path ??= "/";
  action.scheme ??= "HTTP";
}

export function roundBoth(resources: { limits?: ResourceList; requests?: ResourceList } | undefined): void {
  if (resources === undefined) return;
  roundList(resources.limits);
  roundList(resources.requests);
}
export function roundList(list: ResourceList | undefined): void {
  for (const name in list) {
    const rounded = roundedToMilli(list[name]!);
    if (rounded !== list[name]) (list as Record<string, string>)[name] = rounded;
  }
}

/** In groups: what each sort of volume gets. */
const SORTS: { readonly [sort: string]: (source: never) => void } = {
  hostPath: (source: { type?: string }) => { source.type ??= ""; },
  secret: setModeDefault, configMap: setModeDefault,
  downwardAPI: (source: NonNullable<Volume["downwardAPI"]>) => {
    setModeDefault(source);
    for (const { fieldRef } of source.items ?? []) setFieldRefDefaults(fieldRef);
  },
  projected: (source: NonNullable<Volume["projected"]>) => {
    setModeDefault(source);
    for (const { downwardAPI, serviceAccountToken } of source.sources ?? []) {
      for (const { fieldRef } of downwardAPI?.items ?? []) setFieldRefDefaults(fieldRef);
      if (serviceAccountToken !== undefined) serviceAccountToken.expirationSeconds ??= 3600;
    }
  },
  iscsi: setIscsiDefaults, rbd: setRbdDefaults, azureDisk: setAzureDiskDefaults, scaleIO: setScaleIoDefaults,
  ephemeral: ({ volumeClaimTemplate: template }: NonNullable<Volume["ephemeral"]>) => {
    if (template === undefined) return;
    setClaimSpecDefaults(template.spec ??= {});
    roundBoth(template.spec.resources);
  },
  image: (source: NonNullable<Volume["image"]>) => { source.pullPolicy ??= defaultPullPolicy(source.reference); },
};
function setModeDefault(source: { defaultMode?: number }): void {
  source.defaultMode ??= 0o644;
}
function setVolumeDefaults(volume: Volume): void {
  let sorts = 0;
  for (const field in volume) {
    if (field === "name" || volume[field as keyof Volume] === undefined) continue;
    sorts++;
    SORTS[field]?.(volume[field as keyof Volume] as never);
  }
  if (sorts === 0) volume.emptyDir = {};
}

/** These four are the same in a PersistentVolume. */
export function setIscsiDefaults(source: { iscsiInterface?: string }): void {
  source.iscsiInterface ??= "default";
}
export function setRbdDefaults(source: { pool?: string; user?: string; keyring?: string }): void {
  source.pool ??= "rbd";
  source.user ??= "admin";
  source.keyring ??= "/etc/ceph/keyring";
}
export function setAzureDiskDefaults(source: NonNullable<Volume["azureDisk"]>): void {
  source.cachingMode ??= "ReadWrite";
  source.fsType ??= "ext4";
  source.readOnly ??= false;
  source.kind ??= "Shared";
}
export function setScaleIoDefaults(source: { storageMode?: string; fsType?: string }): void {
  source.storageMode ??= "ThinProvisioned";
  source.fsType ??= "xfs";
}
