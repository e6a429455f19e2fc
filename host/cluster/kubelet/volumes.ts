/**
 * What volumes hold. Data of a claim belongs to its PersistentVolume and outlives Pods and nodes; an emptyDir lives with its
 * Pod; ConfigMaps, Secrets and the like are read as they are now.
 */
import { decodeBase64 } from "../../values/base64.ts";
import type { TextCodec } from "../../platform/platform.ts";
import type { Kit } from "../controllers/kit/kit.ts";
import type { Store } from "../controllers/kit/store.ts";
import { claimNameOf } from "../scheduler/volumes.ts";
import { CLAIMS, CONFIG_MAPS, SECRETS, VOLUMES, type ConfigMap, type PersistentVolumeClaim, type Pod, type Secret, type Volume } from "../typed/core.ts";
import type { SimulatedVolume } from "./image.ts";

export class VolumeData {
  readonly #text: TextCodec;
  readonly #claims: Store<PersistentVolumeClaim>;
  readonly #configMaps: Store<ConfigMap>;
  readonly #secrets: Store<Secret>;
  /** By "pv NAME", "pod UID VOLUME", "node NODE PATH". */
  readonly #files = new Map<string, Map<string, string>>();

  constructor(kit: Kit) {
    this.#text = kit.platform.text;
    this.#claims = kit.store(CLAIMS);
    this.#configMaps = kit.store(CONFIG_MAPS);
    this.#secrets = kit.store(SECRETS);
    kit.store(VOLUMES).on(({ type, object }) => {
      if (type === "DELETED") this.#files.delete(`pv ${object.metadata.name}`);
    });
  }

  /** Files of a PersistentVolume, for tests and faults. */
  ofPersistentVolume(name: string): SimulatedVolume { return writable(this.#of(`pv ${name}`), false); }
  /** Everything on it is gone, as after a broken disk; the objects don't know. */
  lose(persistentVolume: string): void { this.#files.get(`pv ${persistentVolume}`)?.clear(); }
  /** A node that lost its disk. */
  loseNode(node: string): void {
    for (const key of this.#files.keys()) if (key.startsWith(`node ${node} `)) this.#files.delete(key);
  }
  forgetPod(uid: string): void {
    for (const key of this.#files.keys()) if (key.startsWith(`pod ${uid} `)) this.#files.delete(key);
  }

  /** Undefined for a kind of volume that holds nothing here. */
  open(pod: Pod, volume: Volume, readOnly: boolean): SimulatedVolume | undefined {
    const namespace = pod.metadata.namespace!;
    const claimName = claimNameOf(pod, volume);
    if (claimName !== undefined) {
      const pv = this.#claims.get(`${namespace}/${claimName}`)?.spec.volumeName;
      return pv === undefined ? undefined : writable(this.#of(`pv ${pv}`), readOnly);
    }
    if (volume.configMap !== undefined) return fixed(() => this.#configMaps.get(`${namespace}/${volume.configMap!.name}`)?.data ?? {});
    if (volume.secret !== undefined) return fixed(() => decodedSecret(this.#text, this.#secrets.get(`${namespace}/${volume.secret!.secretName}`)));
    if (volume["hostPath"] !== undefined) return writable(this.#of(`node ${pod.spec.nodeName} ${(volume["hostPath"] as { path: string }).path}`), readOnly);
    if (volume["emptyDir"] !== undefined) return writable(this.#of(`pod ${pod.metadata.uid} ${volume.name}`), readOnly);
    return fixed(() => ({}));
  }

  /** What keeps the Pod from starting, in the kubelet's words; undefined: nothing. */
  missing(pod: Pod): string | undefined {
    const namespace = pod.metadata.namespace!;
    for (const volume of pod.spec.volumes ?? []) {
      const { name, configMap, secret } = volume;
      const failed = `MountVolume.SetUp failed for volume "${name}" : `;
      if (configMap !== undefined && configMap.optional !== true && this.#configMaps.get(`${namespace}/${configMap.name}`) === undefined) return `${failed}configmap "${configMap.name}" not found`;
      if (secret !== undefined && secret.optional !== true && this.#secrets.get(`${namespace}/${secret.secretName}`) === undefined) return `${failed}secret "${secret.secretName}" not found`;
      const claimName = claimNameOf(pod, volume);
      const claim = claimName === undefined ? undefined : this.#claims.get(`${namespace}/${claimName}`);
      if (claimName !== undefined && claim === undefined) return `error processing PVC ${namespace}/${claimName}: failed to fetch PVC from API server: persistentvolumeclaims "${claimName}" not found`;
      if (claim !== undefined && claim.spec.volumeName === undefined) return `error processing PVC ${namespace}/${claimName}: PVC is not bound`;
    }
    return undefined;
  }

  #of(key: string): Map<string, string> {
    let files = this.#files.get(key);
    if (files === undefined) this.#files.set(key, files = new Map());
    return files;
  }
}

function writable(files: Map<string, string>, readOnly: boolean): SimulatedVolume {
  const check = (): void => {
    if (readOnly) throw new Error("read-only file system");
  };
  return {
    readOnly,
    get: (path) => files.get(path),
    set: (path, content) => {
      check();
      files.set(path, content);
    },
    delete: (path) => {
      check();
      files.delete(path);
    },
    list: () => [...files.keys()].sort(),
  };
}

function fixed(files: () => { readonly [path: string]: string }): SimulatedVolume {
  const refuse = (): never => { throw new Error("read-only file system"); };
  return { readOnly: true, get: (path) => (Object.hasOwn(files(), path) ? files()[path] : undefined), set: refuse, delete: refuse, list: () => Object.keys(files()).sort() };
}

/** The values of a Secret as text. */
export function decodedSecret(text: TextCodec, secret: Secret | undefined): { [key: string]: string } {
  const values: { [key: string]: string } = {};
  for (const [key, value] of Object.entries(secret?.data ?? {})) {
    const bytes = decodeBase64(text.encodeUtf8(value)) ?? new Uint8Array();
    values[key] = text.decodeUtf8(bytes, 0, bytes.length);
  }
  return values;
}

/** What a directory of a volume looks like to who has only that. */
export function within(volume: SimulatedVolume, directory: string): SimulatedVolume {
  if (directory === "") return volume;
  const prefix = `${directory}/`;
  return {
    readOnly: volume.readOnly,
    get: (path) => volume.get(prefix + path),
    set: (path, content) => volume.set(prefix + path, content),
    delete: (path) => volume.delete(prefix + path),
    list: () => volume.list().filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length)),
  };
}
