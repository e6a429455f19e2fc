/** Walks through a Pod's containers of every sort, in the order in which the real server visits them. */
import type { Container, EphemeralContainer, PodSpec } from "../generated/types.ts";

/** What all sorts share; an ephemeral container lacks nothing that is looked at. */
export type AnyContainer = Container & EphemeralContainer;

export function* everyContainer(spec: PodSpec): Iterable<AnyContainer> {
  yield* spec.initContainers ?? [];
  yield* spec.containers ?? [];
  yield* spec.ephemeralContainers ?? [];
}
export function visitContainers(spec: PodSpec, path: string, visit: (container: AnyContainer, path: string) => void): void {
  spec.initContainers?.forEach((each, index) => visit(each, `${path}.initContainers[${index}]`));
  spec.containers?.forEach((each, index) => visit(each, `${path}.containers[${index}]`));
  spec.ephemeralContainers?.forEach((each, index) => visit(each, `${path}.ephemeralContainers[${index}]`));
}
