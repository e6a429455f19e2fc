import type { JsonObject } from "../../../model.ts";
import type { Corpus } from "../differential.ts";

const claim = (name: string, spec: JsonObject, metadata: JsonObject = {}): JsonObject => ({ apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name, ...metadata }, spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, ...spec } });
const volume = (name: string, spec: JsonObject, metadata: JsonObject = {}): JsonObject => ({ apiVersion: "v1", kind: "PersistentVolume", metadata: { name, ...metadata }, spec: { accessModes: ["ReadWriteOnce"], capacity: { storage: "1Gi" }, ...spec } });
const nodeAffinity: JsonObject = { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: "failure-domain.beta.kubernetes.io/zone", operator: "In", values: ["a"] }, { key: "b", operator: "Exists" }] }] } };

export const claims: Corpus = {
  kind: "PersistentVolumeClaim", subresources: { status: ["status"] },
  objects: [
    claim("plain", {}), claim("classy", { storageClassName: "fast", volumeName: "v", volumeMode: "Block", selector: { matchLabels: { a: "b" }, matchExpressions: [{ key: "c", operator: "In", values: ["d"] }] } }),
    claim("copied", { dataSource: { kind: "PersistentVolumeClaim", name: "other" } }), claim("snapped", { dataSource: { apiGroup: "snapshot.storage.k8s.io", kind: "VolumeSnapshot", name: "s" } }),
    claim("custom", { dataSourceRef: { apiGroup: "example.com", kind: "Image", name: "i" } }), claim("dropped", { dataSource: { apiGroup: "example.com", kind: "Image", name: "i" } }), claim("far", { dataSourceRef: { kind: "PersistentVolumeClaim", name: "i", namespace: "other" } }),
    claim("annotated", {}, { annotations: { "volume.beta.kubernetes.io/storage-class": "old" } }), claim("many", { accessModes: ["ReadWriteMany", "ReadOnlyMany"], volumeAttributesClassName: "gold", resources: { requests: { storage: "1500m" }, limits: { storage: "2Gi" } } }),
    claim("single", { accessModes: ["ReadWriteOncePod"], storageClassName: "" }),
  ],
};

export const volumes: Corpus = {
  kind: "PersistentVolume", subresources: { status: ["status"] },
  objects: [
    volume("kinds-host", { hostPath: { path: "/data" } }), volume("kinds-root", { hostPath: { path: "/" }, persistentVolumeReclaimPolicy: "Recycle" }), volume("kinds-nfs", { nfs: { server: "s", path: "/p" }, mountOptions: ["hard"], storageClassName: "slow" }),
    volume("kinds-csi", { csi: { driver: "csi.example.com", volumeHandle: "h", controllerPublishSecretRef: { name: "s", namespace: "n" }, nodeStageSecretRef: { name: "s", namespace: "n" } }, volumeAttributesClassName: "gold", claimRef: { name: "c", namespace: "n" } }),
    volume("kinds-local", { local: { path: "/mnt" }, nodeAffinity, volumeMode: "Block", persistentVolumeReclaimPolicy: "Delete" }),
    volume("kinds-iscsi", { iscsi: { targetPortal: "1.2.3.4:3260", iqn: "iqn.2001-04.com.example:storage", lun: 0, initiatorName: "iqn.2001-04.com.example:node", secretRef: { name: "s" } } }), volume("kinds-gluster", { glusterfs: { endpoints: "e", path: "p", endpointsNamespace: "n" } }),
    volume("kinds-rbd", { rbd: { monitors: ["m"], image: "i" } }), volume("kinds-cinder", { cinder: { volumeID: "v", secretRef: { name: "s", namespace: "n" } } }), volume("kinds-cephfs", { cephfs: { monitors: ["m"] } }), volume("kinds-fc", { fc: { wwids: ["w"] } }),
    volume("kinds-azurefile", { azureFile: { secretName: "s", shareName: "h", secretNamespace: "n" } }), volume("kinds-vsphere", { vsphereVolume: { volumePath: "p" } }), volume("kinds-azuredisk", { azureDisk: { diskName: "d", diskURI: "https://x.vhd" } }),
    volume("kinds-scaleio", { scaleIO: { gateway: "g", system: "s", volumeName: "v", secretRef: { name: "s" } } }), volume("kinds-storageos", { storageos: { volumeName: "v" } }), volume("kinds-flex", { flexVolume: { driver: "d/x", options: { "k8s.io/a": "b" } } }),
    volume("kinds-gce", { gcePersistentDisk: { pdName: "p" } }), volume("kinds-aws", { awsElasticBlockStore: { volumeID: "v" } }, { annotations: { "volume.beta.kubernetes.io/mount-options": "x", "volume.beta.kubernetes.io/storage-class": "y" } }),
    volume("kinds-opt", { hostPath: { path: "/x" } }, { annotations: { "volume.beta.kubernetes.io/mount-options": "x" } }), volume("kinds-flocker", { flocker: { datasetUUID: "d" } }), volume("kinds-quobyte", { quobyte: { registry: "r:1", volume: "v" } }),
    volume("kinds-portworx", { portworxVolume: { volumeID: "v" } }), volume("kinds-photon", { photonPersistentDisk: { pdID: "v" } }),
  ],
};

const classOf = (name: string, more: JsonObject = {}, metadata: JsonObject = {}): JsonObject => ({ apiVersion: "storage.k8s.io/v1", kind: "StorageClass", metadata: { name, ...metadata }, provisioner: "example.com/x", ...more });
export const storageClasses: Corpus = {
  group: "storage.k8s.io", kind: "StorageClass", metadata: 0.2,
  objects: [
    classOf("kinds-plain"), classOf("kinds-rich", { parameters: { a: "b" }, reclaimPolicy: "Retain", volumeBindingMode: "WaitForFirstConsumer", allowVolumeExpansion: true, mountOptions: ["x"], allowedTopologies: [{ matchLabelExpressions: [{ key: "zone", values: ["a", "b"] }] }, { matchLabelExpressions: [{ key: "zone", values: ["c"] }] }] }),
    classOf("kinds-marked", {}, { annotations: { note: "x" } }),
  ],
};

const storage = (kind: string, name: string, rest: JsonObject): JsonObject => ({ apiVersion: "storage.k8s.io/v1", kind, metadata: { name }, ...rest });
export const csiDrivers: Corpus = {
  group: "storage.k8s.io", kind: "CSIDriver",
  objects: [
    storage("CSIDriver", "kinds.example.com", { spec: {} }), storage("CSIDriver", "tokens.example.com", { spec: { attachRequired: false, tokenRequests: [{ audience: "a" }, { audience: "b", expirationSeconds: 3600 }], fsGroupPolicy: "File", volumeLifecycleModes: ["Persistent", "Ephemeral"] } }),
    storage("CSIDriver", "secrets.example.com", { spec: { tokenRequests: [{ audience: "" }], serviceAccountTokenInSecrets: true, nodeAllocatableUpdatePeriodSeconds: 10, preventPodSchedulingIfMissing: true } }), storage("CSIDriver", "odd.example.com", { spec: { serviceAccountTokenInSecrets: true } }),
  ],
};
export const csiNodes: Corpus = {
  group: "storage.k8s.io", kind: "CSINode",
  objects: [storage("CSINode", "kinds-none", { spec: { drivers: [] } }), storage("CSINode", "kinds-two", { spec: { drivers: [{ name: "a.example.com", nodeID: "n", topologyKeys: ["example.com/zone"], allocatable: { count: 5 } }, { name: "b.example.com", nodeID: "n", topologyKeys: null }] } })],
};
export const storageCapacities: Corpus = {
  group: "storage.k8s.io", kind: "CSIStorageCapacity",
  objects: [
    storage("CSIStorageCapacity", "plain", { storageClassName: "a" }), storage("CSIStorageCapacity", "none", {}),
    storage("CSIStorageCapacity", "full", { storageClassName: "a", capacity: "5Gi", maximumVolumeSize: "1Gi", nodeTopology: { matchLabels: { a: "b", "failure-domain.beta.kubernetes.io/zone": "z" }, matchExpressions: [{ key: "beta.kubernetes.io/os", operator: "Exists" }] } }),
  ],
};
export const attachments: Corpus = {
  group: "storage.k8s.io", kind: "VolumeAttachment", subresources: { status: ["status"] },
  objects: [
    storage("VolumeAttachment", "kinds-named", { spec: { attacher: "a.example.com", nodeName: "n", source: { persistentVolumeName: "v" } } }), storage("VolumeAttachment", "kinds-none", { spec: { attacher: "a.example.com", nodeName: "n", source: {} } }),
    storage("VolumeAttachment", "kinds-inline", { spec: { attacher: "a.example.com", nodeName: "n", source: { inlineVolumeSpec: { accessModes: ["ReadWriteOnce"], csi: { driver: "a.example.com", volumeHandle: "h", volumeAttributes: { b: "c", a: "d" } } } } }, status: { attached: true } }),
  ],
};
export const attributesClasses: Corpus = {
  group: "storage.k8s.io", kind: "VolumeAttributesClass", metadata: 0.2,
  objects: [storage("VolumeAttributesClass", "kinds-plain", { driverName: "a.example.com", parameters: { a: "b" } }), storage("VolumeAttributesClass", "kinds-none", { driverName: "A.example.com" })],
};
