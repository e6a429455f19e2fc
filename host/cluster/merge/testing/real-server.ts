/** A real API server with the tests' custom resources. */
import { ZOO_CRD } from "../../../runtime/testing/corpus.ts";
import type { Answer, ApiClient } from "../../../../tests/support/api-client.ts";
import { startControlPlane } from "../../../../tests/support/control-plane.ts";
import { until } from "../../../../tests/support/wait.ts";
import { GADGET_CRD } from "./gadgets.ts";

/** Admission that changes objects, after their fields have been counted. */
const CHANGING = ["ServiceAccount", "DefaultTolerationSeconds", "Priority", "StorageObjectInUseProtection"];

export interface RealServer {
  readonly api: ApiClient;
  stop(): Promise<void>;
}

export async function startRealServer(): Promise<RealServer | { skipped: string }> {
  const plane = await startControlPlane({ audit: [], apiServerFlags: [`--disable-admission-plugins=${CHANGING.join(",")}`] });
  if ("skipped" in plane) return plane;
  const { api } = plane;
  for (const crd of [ZOO_CRD, GADGET_CRD]) await api.must("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", crd);
  for (const path of ["v1/zoos", "v1/gadgets", "v2/gadgets"]) {
    await until(`${path} are served`, async () => (await api.request("GET", `/apis/example.dev/${path}`)).status === 200);
  }
  return { api, stop: () => plane.stop() };
}

/** What a request came to. The real server breaks the connection over some patches: 0. */
export async function send(api: ApiClient, method: string, path: string, body: unknown, contentType?: string): Promise<Answer> {
  try {
    return await api.request(method, path, body, contentType);
  } catch {
    return { status: 0, body: {} };
  }
}
