/** What an object is like right now, in a few words, for a line in the terminal. */
import type { Json, JsonObject } from "../../../bindings/protocol/types.ts";

interface Condition { type?: string; status?: string; reason?: string; message?: string }

/** "2 of 3 ready". Only what people wait for: two objects with the same summary look the same in the terminal. */
export function summaryOf(object: JsonObject): string {
  const { kind, spec, status, metadata } = { kind: String(object["kind"]), spec: record(object["spec"]), status: record(object["status"]), metadata: record(object["metadata"]) };
  if (metadata["deletionTimestamp"] !== undefined && kind !== "Pod") return "is being deleted";
  switch (kind) {
    case "Deployment":
    case "ReplicaSet":
    case "StatefulSet":
      return `${number(status["readyReplicas"])} of ${number(spec["replicas"], 1)} ready`;
    case "DaemonSet":
      return `${number(status["numberReady"])} of ${number(status["desiredNumberScheduled"])} ready`;
    case "Pod":
      return podSummary(metadata, status);
    case "Service":
      return `at ${String(spec["clusterIP"] ?? "no address yet")}`;
    case "PersistentVolumeClaim":
      return String(status["phase"] ?? "Pending");
    case "Job":
      return `${number(status["succeeded"])} of ${number(spec["completions"], 1)} done`;
    default:
      return conditionSummary(status) ?? "made";
  }
}

function podSummary(metadata: JsonObject, status: JsonObject): string {
  if (metadata["deletionTimestamp"] !== undefined) return "is stopping";
  for (const container of list(status["containerStatuses"]).map(record)) {
    const { waiting, terminated } = record(container["state"]) as { waiting?: JsonObject; terminated?: JsonObject };
    const reason = waiting?.["reason"] ?? (status["phase"] === "Running" ? terminated?.["reason"] : undefined);
    if (typeof reason === "string" && reason !== "ContainerCreating") return reason;
  }
  const ready = list(status["conditions"]).map((each) => record(each) as Condition).find(({ type }) => type === "Ready");
  const phase = String(status["phase"] ?? "Pending");
  return phase === "Running" ? (ready?.status === "True" ? "ready" : "running, not ready") : phase.toLowerCase();
}

/** Of a custom resource: why it isn't well if it isn't, else that it is ready; undefined where it has no conditions. */
function conditionSummary(status: JsonObject): string | undefined {
  const conditions = list(status["conditions"]).map((each) => record(each) as Condition);
  const stalled = conditions.find((condition) => condition.type === "Stalled" && condition.status === "True");
  const ready = conditions.find((condition) => condition.type === "Ready" || condition.type === "Available");
  const telling = stalled ?? ready;
  if (telling === undefined) return undefined;
  const word = telling === stalled ? "stalled" : telling.status === "True" ? "ready" : "not ready yet";
  const why = telling.message !== undefined && telling.message !== "" ? telling.message : telling.reason;
  return why === undefined ? word : `${word}: ${why}`;
}

function record(value: Json | undefined): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}
function list(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}
function number(value: Json | undefined, absent = 0): string {
  return String(value ?? absent);
}
