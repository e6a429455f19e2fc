/** Probes, and what is run at the beginning and the end of a container. */
import type { FieldErrors } from "../../api/field-errors.ts";
import { headerName } from "../../api/names.ts";
import type { GRPCAction, HTTPGetAction, Lifecycle, LifecycleHandler, Probe } from "../generated/types.ts";
import { checkNonNegative, checkOneOf, checkPort, checkRequired, complain } from "../shared/checks.ts";

type Handler = LifecycleHandler & { grpc?: GRPCAction };

/** In the order in which they are told. */
const HANDLERS = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"] as const;

/** `graceSeconds`: how long the Pod may take to end. */
function checkHandler(handler: Handler, graceSeconds: number | undefined, path: string, errors: FieldErrors): void {
  const given = HANDLERS.filter((each) => handler[each] !== undefined);
  given.forEach((each, index) => {
    const at = `${path}.${each}`;
    if (index > 0) errors.forbidden(at, "may not specify more than 1 handler type");
    else if (each === "exec") { if ((handler.exec!.command ?? []).length === 0) errors.required(`${at}.command`); }
    else if (each === "httpGet") checkHttpGet(handler.httpGet!, at, errors);
    else if (each === "sleep") checkSleep(handler.sleep!.seconds ?? 0, graceSeconds, at, errors);
    else checkPort(each === "grpc" ? handler.grpc!.port : handler.tcpSocket!.port, `${at}.port`, errors);
  });
  if (given.length === 0) errors.required(path, "must specify a handler type");
}
function checkHttpGet({ path: target, port, scheme, httpHeaders }: HTTPGetAction, path: string, errors: FieldErrors): void {
  checkRequired(target, `${path}.path`, errors);
  checkPort(port, `${path}.port`, errors);
  checkOneOf(scheme, ["HTTP", "HTTPS"], `${path}.scheme`, errors);
  for (const { name = "" } of httpHeaders ?? []) complain(errors, `${path}.httpHeaders`, name, headerName(name));
}
function checkSleep(seconds: number, graceSeconds: number | undefined, path: string, errors: FieldErrors): void {
  if (graceSeconds === undefined || (seconds >= 0 && seconds <= graceSeconds)) return;
  errors.invalid(path, seconds, `must be non-negative and less than terminationGracePeriodSeconds (${graceSeconds})`);
}

const COUNTS = ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"] as const;

export function checkProbe(kind: "livenessProbe" | "readinessProbe" | "startupProbe", probe: Probe | undefined, graceSeconds: number | undefined, container: string, errors: FieldErrors): void {
  if (probe === undefined) return;
  const path = `${container}.${kind}`;
  checkHandler(probe, graceSeconds, path, errors);
  for (const field of COUNTS) checkNonNegative(probe[field], `${path}.${field}`, errors);
  const { terminationGracePeriodSeconds: grace, successThreshold = 0 } = probe;
  if (grace !== undefined && grace <= 0) errors.invalid(`${path}.terminationGracePeriodSeconds`, grace, "must be greater than 0");
  if (kind !== "readinessProbe") {
    if (successThreshold !== 1) errors.invalid(`${path}.successThreshold`, successThreshold, "must be 1");
  } else if (grace !== undefined) {
    errors.invalid(`${path}.terminationGracePeriodSeconds`, grace, "must not be set for readinessProbes");
  }
}

export function checkLifecycle({ postStart, preStop }: Lifecycle, graceSeconds: number | undefined, path: string, errors: FieldErrors): void {
  if (postStart !== undefined) checkHandler(postStart, graceSeconds, `${path}.postStart`, errors);
  if (preStop !== undefined) checkHandler(preStop, graceSeconds, `${path}.preStop`, errors);
}
