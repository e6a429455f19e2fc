/** Names and addresses of Services and Pods: what the cluster's DNS and kube-proxy do. */
import type { Kit } from "../controllers/kit/kit.ts";
import type { Index, Store } from "../controllers/kit/store.ts";
import { SERVICES, type Service, type ServicePort } from "../typed/core.ts";
import { ENDPOINT_SLICES, type Endpoint, type EndpointSlice } from "../typed/others.ts";

export interface Target { readonly address: string; readonly port: number }

const DOMAIN = ".cluster.local";
const ADDRESS = /^\d{1,3}(\.\d{1,3}){3}$/;
/** Names that stand for names, one after the other. */
const ALIASES_MAX = 8;

export class NameService {
  readonly #services: Store<Service>;
  readonly #byAddress: Index<Service>;
  readonly #slices: Index<EndpointSlice>;
  /** Whose turn it is, by Service and port. */
  readonly #turns = new Map<string, number>();

  constructor(kit: Kit) {
    this.#services = kit.store(SERVICES);
    this.#byAddress = this.#services.index(({ spec: { clusterIP } }) => (clusterIP === undefined || clusterIP === "None" ? [] : [clusterIP]));
    this.#slices = kit.store(ENDPOINT_SLICES).index(({ metadata: { namespace, labels } }) => {
      const service = labels?.["kubernetes.io/service-name"];
      return service === undefined ? [] : [`${namespace}/${service}`];
    });
  }

  /** Where a connection to `host` and `port` ends up; Services give their ready endpoints by turns. */
  target(host: string, port: number, namespace = "default"): Target | "unknown-host" | "refused" {
    let name = host.endsWith(".") ? host.slice(0, -1) : host;
    for (let aliases = 0; aliases < ALIASES_MAX; aliases++) {
      if (ADDRESS.test(name)) {
        const service = this.#byAddress.get(name)[0];
        return service === undefined ? { address: name, port } : this.#balanced(service, port);
      }
      const found = this.#lookUp(name, namespace);
      if (found === undefined) return "unknown-host";
      if (!("metadata" in found)) return { address: found.address, port };
      if (found.spec.type !== "ExternalName") return found.spec.clusterIP === "None" ? this.#headless(found, port) : this.#balanced(found, port);
      name = found.spec.externalName ?? "";
    }
    return "unknown-host";
  }

  /** The addresses that DNS would answer; empty: no such name. */
  addresses(host: string, namespace = "default"): string[] {
    if (ADDRESS.test(host)) return [host];
    const found = this.#lookUp(host, namespace);
    if (found === undefined) return [];
    if (!("metadata" in found)) return [found.address];
    if (found.spec.clusterIP !== "None") return found.spec.clusterIP === undefined ? [] : [found.spec.clusterIP];
    return this.#endpoints(found).filter(isReady).flatMap(({ addresses }) => addresses);
  }

  /** A ready endpoint of the Service behind its port, by turns; undefined: none. For those who bypass its address. */
  endpoint(service: Service, wanted: ServicePort): Target | undefined {
    const ready: Target[] = [];
    for (const { endpoints, ports } of this.#slicesOf(service)) {
      const port = (ports ?? []).find(({ name }) => (name ?? "") === (wanted.name ?? ""))?.port;
      if (port === undefined || port === null) continue;
      for (const endpoint of endpoints ?? []) if (isReady(endpoint)) ready.push({ address: endpoint.addresses[0]!, port });
    }
    if (ready.length === 0) return undefined;
    const turn = `${service.metadata.uid} ${wanted.name ?? ""}`;
    const count = this.#turns.get(turn) ?? 0;
    this.#turns.set(turn, count + 1);
    return ready[count % ready.length];
  }

  #balanced(service: Service, port: number): Target | "refused" {
    const wanted = (service.spec.ports ?? []).find((each) => each.port === port);
    return (wanted === undefined ? undefined : this.endpoint(service, wanted)) ?? "refused";
  }

  #headless(service: Service, port: number): Target | "unknown-host" {
    const ready = this.#endpoints(service).filter(isReady);
    if (ready.length === 0) return "unknown-host";
    const turn = service.metadata.uid!;
    const count = this.#turns.get(turn) ?? 0;
    this.#turns.set(turn, count + 1);
    return { address: ready[count % ready.length]!.addresses[0]!, port };
  }

  /** A Service, or the address of one Pod. */
  #lookUp(host: string, namespace: string): Service | { address: string } | undefined {
    const name = host.endsWith(DOMAIN) ? host.slice(0, -DOMAIN.length) : host;
    const parts = name.split(".");
    if (parts.at(-1) === "svc") parts.pop();
    else if (parts.length === 3 && parts[2] === "pod") return { address: parts[0]!.replaceAll("-", ".") };
    const service = (at: number, within: string | undefined): Service | undefined => (parts.length === at ? this.#services.get(`${within}/${parts[at === 1 ? 0 : at - 2]}`) : undefined);
    const direct = service(1, namespace) ?? service(2, parts[1]);
    if (direct !== undefined) return direct;
    // "db-0.db" and "db-0.db.default": one Pod of a headless Service.
    const within = parts.length === 2 ? namespace : parts.length === 3 ? parts[2] : undefined;
    const headless = within === undefined ? undefined : this.#services.get(`${within}/${parts[1]}`);
    if (headless === undefined) return undefined;
    const publish = headless.spec.publishNotReadyAddresses === true;
    const endpoint = this.#endpoints(headless).find((each) => each.hostname === parts[0] && (publish || isReady(each)));
    return endpoint === undefined ? undefined : { address: endpoint.addresses[0]! };
  }

  #slicesOf({ metadata: { namespace, name } }: Service): EndpointSlice[] { return this.#slices.get(`${namespace}/${name}`); }
  #endpoints(service: Service): Endpoint[] { return this.#slicesOf(service).flatMap(({ endpoints }) => endpoints ?? []); }
}

function isReady({ conditions }: Endpoint): boolean { return conditions?.ready !== false; }
