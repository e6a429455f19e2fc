/** The API server's audit log: what was asked, by whom, and what came of it. The tests' witness. */
import { readFileSync } from "node:fs";

export interface AuditEvent {
  stage: "RequestReceived" | "ResponseStarted" | "ResponseComplete" | "Panic";
  verb: string;
  requestURI: string;
  auditID: string;
  user: { username: string; groups?: string[]; extra?: { [name: string]: string[] } };
  impersonatedUser?: { username: string; groups?: string[] };
  userAgent?: string;
  objectRef?: { resource?: string; subresource?: string; namespace?: string; name?: string; apiGroup?: string; apiVersion?: string };
  responseStatus?: { code?: number; reason?: string; message?: string };
  requestReceivedTimestamp: string;
  stageTimestamp: string;
}

/** One rule of an audit policy (audit.k8s.io/v1); the first that matches counts. */
export interface AuditRule {
  level: "None" | "Metadata" | "Request" | "RequestResponse";
  users?: string[];
  userGroups?: string[];
  verbs?: string[];
  resources?: { group: string; resources?: string[] }[];
  omitStages?: string[];
}

/** All requests but those of the control plane itself. */
export const AUDIT_EVERYONE: readonly AuditRule[] = [
  { level: "None", users: ["system:apiserver", "system:kube-controller-manager", "system:kube-scheduler"] },
  { level: "Metadata" },
];

export function auditPolicy(rules: readonly AuditRule[]): string {
  return JSON.stringify({ apiVersion: "audit.k8s.io/v1", kind: "Policy", omitStages: ["RequestReceived"], rules });
}

/** Every event in the log so far, one per request: a watch counts from its start, everything else when it is answered. */
export function readAudit(path: string): AuditEvent[] {
  const lines = readFileSync(path, "utf8").split("\n");
  // The last line may still be on its way.
  return lines.slice(0, -1).filter((line) => line !== "").map((line) => JSON.parse(line) as AuditEvent)
    .filter((event) => (event.verb === "watch") === (event.stage === "ResponseStarted") || (event.responseStatus?.code ?? 200) >= 400);
}

const WRITES = new Set(["create", "update", "patch", "delete", "deletecollection"]);
export function isWrite(event: AuditEvent): boolean {
  return WRITES.has(event.verb);
}

/** "patch apps/deployments/status 200": a request in words, the same for all objects of one kind. */
export function inWords(event: AuditEvent): string {
  const ref = event.objectRef;
  const group = ref?.apiGroup === undefined || ref.apiGroup === "" ? "" : `${ref.apiGroup}/`;
  const what = ref?.resource === undefined ? event.requestURI.split("?")[0] : `${group}${ref.resource}${ref.subresource === undefined ? "" : `/${ref.subresource}`}`;
  return `${event.verb} ${what} ${event.responseStatus?.code ?? "-"}`;
}
