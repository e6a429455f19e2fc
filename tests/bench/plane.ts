/** The control plane that each contestant gets, and the CRD that all of them share. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { startControlPlane, type ControlPlane } from "../support/control-plane.ts";
import { until } from "../support/wait.ts";
import { ROOT } from "./contestants.ts";

export const OPERATOR_USER = "operator";

/** An API server whose audit log has the operator's requests and no others. */
export async function benchPlane(): Promise<ControlPlane> {
  const plane = await startControlPlane({
    // A member of this group gets the priority of a Pod's service account.
    users: [{ name: OPERATOR_USER, groups: ["system:serviceaccounts"] }],
    audit: [{ level: "Metadata", users: [OPERATOR_USER] }, { level: "None" }],
  });
  if ("skipped" in plane) throw new Error(plane.skipped);
  const group = "rbac.authorization.k8s.io";
  await plane.api.must("POST", `/apis/${group}/v1/clusterrolebindings`, {
    metadata: { name: OPERATOR_USER }, roleRef: { apiGroup: group, kind: "ClusterRole", name: "cluster-admin" },
    subjects: [{ apiGroup: group, kind: "User", name: OPERATOR_USER }],
  });
  return plane;
}

export interface Crd { metadata: { name: string }; spec: { group: string; names: { plural: string; [name: string]: unknown }; [field: string]: unknown }; [field: string]: unknown }

/** The CRD that all contestants share. */
export function myAppCrd(): Crd {
  return parse(readFileSync(join(ROOT, "assembly/operators/myapp/crd.yaml"), "utf8")) as Crd;
}

export async function installCrd(plane: ControlPlane, crd: Crd): Promise<void> {
  await plane.api.must("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", crd);
  const path = `/apis/${crd.spec.group}/v1/${crd.spec.names.plural}`;
  await until(`${path} is served`, async () => (await plane.api.request("GET", path)).status === 200);
}
