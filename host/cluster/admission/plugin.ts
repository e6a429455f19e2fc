/** A policy that every API server has built in: it changes what is about to be written, or refuses it. */
import type { AdmissionRequest } from "../api/machinery.ts";
import { forbidden, type StatusError } from "../api/status-error.ts";
import type { StrategyContext } from "../kinds/kind.ts";

export interface Plugin {
  /** As `--disable-admission-plugins` has it: "ServiceAccount". */
  readonly name: string;
  /** `resourceName`s it looks at; absent: all. */
  readonly resources?: readonly string[];
  readonly operations: readonly AdmissionRequest["operation"][];
  /** Throws what refuses the request. */
  mutate?(request: AdmissionRequest, context: StrategyContext): void;
  validate?(request: AdmissionRequest, context: StrategyContext): void;
}

/** The 403 of a policy. An object that has no name yet goes by what its name will begin with. */
export function refused(request: AdmissionRequest, why: string): StatusError {
  const { kind, object } = request;
  const name = request.name !== "" ? request.name : object?.metadata.name || object?.metadata.generateName || "Unknown";
  return forbidden({ group: kind.group, resource: kind.plural }, name, why);
}

/** The request's object as the type it has. */
export function objectOf<T>({ object }: AdmissionRequest): T {
  return object as unknown as T;
}
