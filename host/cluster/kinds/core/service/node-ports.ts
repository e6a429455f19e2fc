/** Which ports of every node a Service gets. */
import { StatusError } from "../../../api/status-error.ts";
import type { Service, ServiceSpec } from "../../generated/types.ts";
import type { StrategyContext } from "../../kind.ts";
import { invalid } from "./addresses.ts";
import { needsHealthCheck, nodePortsOf } from "./service-facts.ts";

const FIRST = 30_000;
const LAST = 32_767;
/** The beginning of the range is left to those who ask for a port. */
const ASKED_FOR = 86;
const TAKEN = "provided port is already allocated";

/** The ports that one write takes. Nothing is kept here: what is taken stands in the Services themselves. */
export class NodePorts {
  readonly #context: StrategyContext;
  readonly #own: number[] = [];
  #taken: Set<number> | undefined;

  constructor(context: StrategyContext) { this.#context = context; }

  /** Undefined: it is free, and is taken now. */
  take(port: number): string | undefined {
    // A dry run doesn't look at the range.
    if (!this.#context.dryRun && (port < FIRST || port > LAST)) return `provided port is not in the valid range. The range of valid ports is ${FIRST}-${LAST}`;
    if (this.#isTaken(port)) return TAKEN;
    this.#own.push(port);
    return undefined;
  }
  next(): number {
    if (this.#context.dryRun) {
      // What the real server shows for a port it hasn't taken.
      const port = this.#own.length === 0 ? LAST + 2 : (Math.max(0, ...this.#own) + 1) | 0;
      this.#own.push(port);
      return port;
    }
    const free = LAST - FIRST - ASKED_FOR + 1;
    const start = Math.floor(this.#context.random() * free);
    for (let n = 0; n < free; n++) if (this.take(FIRST + ASKED_FOR + ((start + n) % free)) === undefined) return this.#own.at(-1)!;
    for (let port = FIRST; port < FIRST + ASKED_FOR; port++) if (this.take(port) === undefined) return port;
    throw new StatusError(500, "InternalError", "Internal error occurred: failed to allocate a nodePort: range is full");
  }

  #isTaken(port: number): boolean {
    if (this.#own.includes(port)) return true;
    if (this.#taken === undefined) {
      this.#taken = new Set();
      for (const object of this.#context.list("services")) {
        const spec = (object.spec ?? {}) as ServiceSpec;
        for (const each of nodePortsOf(spec)) this.#taken.add(each);
        if (spec.healthCheckNodePort !== undefined) this.#taken.add(spec.healthCheckNodePort);
      }
    }
    return this.#taken.has(port);
  }
}

function wantsNodePorts({ type, allocateLoadBalancerNodePorts }: ServiceSpec): boolean {
  return type === "NodePort" || (type === "LoadBalancer" && allocateLoadBalancerNodePorts === true);
}
function hasNodePorts({ type }: ServiceSpec): boolean {
  return type === "NodePort" || type === "LoadBalancer";
}

export function allocateNodePorts(service: Service, ports: NodePorts): void {
  const spec = service.spec!;
  if (hasNodePorts(spec)) takeNewPorts(service, spec, ports);
  if (needsHealthCheck(spec)) takeHealthCheckPort(spec, ports);
}
/** Ports of one number (TCP and UDP) share their node port. */
function takeNewPorts(service: Service, spec: ServiceSpec, ports: NodePorts): void {
  const byPort = new Map<number, number>();
  spec.ports?.forEach((each, index) => {
    const { port = 0, nodePort = 0 } = each;
    if (nodePort === 0 && !wantsNodePorts(spec)) return;
    const claim = (wanted: number): void => {
      const why = ports.take(wanted);
      if (why !== undefined) invalid(service, (errors) => errors.invalid(`spec.ports[${index}].nodePort`, wanted, why));
    };
    const shared = byPort.get(port);
    if (shared === undefined) {
      const asked = spec.ports!.find((other) => (other.port ?? 0) === port && (other.nodePort ?? 0) !== 0)?.nodePort;
      if (asked !== undefined) claim(asked);
      each.nodePort = asked ?? ports.next();
      byPort.set(port, each.nodePort);
    } else if (nodePort === 0) {
      each.nodePort = shared;
    } else if (nodePort !== shared) {
      claim(nodePort);
    }
  });
}
function takeHealthCheckPort(spec: ServiceSpec, ports: NodePorts): void {
  const asked = spec.healthCheckNodePort ?? 0;
  if (asked === 0) {
    spec.healthCheckNodePort = ports.next();
    return;
  }
  const why = ports.take(asked);
  if (why !== undefined) throw new StatusError(500, "InternalError", `Internal error occurred: failed to allocate requested HealthCheck NodePort ${asked}: ${why}`, { causes: [{ message: `failed to allocate requested HealthCheck NodePort ${asked}: ${why}` }] });
}

export function updateNodePorts(service: Service, old: ServiceSpec, ports: NodePorts): void {
  const spec = service.spec!;
  if (hasNodePorts(spec)) takeChangedPorts(service, spec, nodePortsOf(old), ports);
  if (!needsHealthCheck(old) && needsHealthCheck(spec)) takeHealthCheckPort(spec, ports);
}
function takeChangedPorts(service: Service, spec: ServiceSpec, before: readonly number[], ports: NodePorts): void {
  const taken = new Set<number>();
  const pairs = new Set<string>();
  spec.ports?.forEach((each, index) => {
    const { protocol = "", nodePort = 0 } = each;
    if (nodePort === 0 && !wantsNodePorts(spec)) return;
    if (nodePort === 0) {
      each.nodePort = ports.next();
    } else if (!before.includes(nodePort) && !taken.has(nodePort)) {
      const why = ports.take(nodePort);
      if (why !== undefined) invalid(service, (errors) => errors.invalid(`spec.ports[${index}].nodePort`, nodePort, why));
      taken.add(nodePort);
    }
    const pair = `{${protocol} ${each.nodePort}}`;
    if (pairs.has(pair)) throw new StatusError(500, "", `duplicate nodePort: ${pair}`);
    pairs.add(pair);
  });
}
