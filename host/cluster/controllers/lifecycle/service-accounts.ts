/** What every namespace has from its first moment: a default ServiceAccount, and the authority that signs the API server. */
import { CONFIG_MAPS, NAMESPACES, SERVICE_ACCOUNTS, type ConfigMap, type Namespace, type ServiceAccount } from "../../typed/core.ts";
import { isAlreadyExists, isNamespaceTerminating, isNotFound, type Api } from "../kit/api.ts";
import type { Queue } from "../kit/dispatcher.ts";
import type { Kit } from "../kit/kit.ts";
import type { Store } from "../kit/store.ts";

const MANAGER = "kube-controller-manager";
const ACCOUNT = "default";
const ROOT_CA = "kube-root-ca.crt";
const DESCRIPTION = {
  "kubernetes.io/description": "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.",
};

export class ServiceAccountController {
  readonly #api: Api;
  readonly #namespaces: Store<Namespace>;
  readonly #accounts: Store<ServiceAccount>;
  readonly #configMaps: Store<ConfigMap>;
  readonly #rootCa: string;
  readonly #queue: Queue;

  /** `rootCa` in PEM; it may be empty, where there is no TLS. */
  constructor(kit: Kit, rootCa: string) {
    this.#api = kit.api(MANAGER);
    this.#rootCa = rootCa;
    this.#namespaces = kit.store(NAMESPACES);
    this.#accounts = kit.store(SERVICE_ACCOUNTS);
    this.#configMaps = kit.store(CONFIG_MAPS);
    this.#queue = kit.queue("serviceaccount", (namespace) => this.#pass(namespace));
    this.#namespaces.on(({ type, object }) => {
      if (type !== "DELETED") this.#queue.add(object.metadata.name);
    });
    this.#accounts.on(({ type, object: { metadata } }) => {
      if (type === "DELETED" && metadata.name === ACCOUNT) this.#queue.add(metadata.namespace!);
    });
    this.#configMaps.on(({ type, object: { metadata } }) => {
      if (type !== "ADDED" && metadata.name === ROOT_CA) this.#queue.add(metadata.namespace!);
    });
  }

  #pass(name: string): void {
    const namespace = this.#namespaces.get(name);
    if (namespace === undefined || namespace.metadata.deletionTimestamp !== undefined) return;
    try {
      if (this.#accounts.get(`${name}/${ACCOUNT}`) === undefined) this.#api.create(SERVICE_ACCOUNTS, { metadata: { name: ACCOUNT, namespace: name } });
      this.#publish(name);
    } catch (error) {
      if (!isNamespaceTerminating(error) && !isAlreadyExists(error) && !isNotFound(error)) throw error;
    }
  }

  #publish(namespace: string): void {
    const known = this.#configMaps.get(`${namespace}/${ROOT_CA}`);
    const data = { "ca.crt": this.#rootCa };
    if (known === undefined) {
      this.#api.create(CONFIG_MAPS, { metadata: { name: ROOT_CA, namespace, annotations: DESCRIPTION }, data });
      return;
    }
    const right = known.data?.["ca.crt"] === this.#rootCa && Object.keys(known.data).length === 1 && Object.entries(DESCRIPTION).every(([key, value]) => known.metadata.annotations?.[key] === value);
    if (!right) this.#api.update(CONFIG_MAPS, { ...known, metadata: { ...known.metadata, annotations: { ...known.metadata.annotations, ...DESCRIPTION } }, data });
  }
}
