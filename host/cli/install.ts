/** Applies CustomResourceDefinitions and waits until the API server serves them. */
import { stringifyJson } from "../../bindings/protocol/json.ts";
import type { Manifest } from "../../bindings/protocol/manifest.ts";
import type { JsonObject } from "../../bindings/protocol/types.ts";
import type { Platform, Transport } from "../platform/platform.ts";
import { send, withQuery } from "../runtime/api.ts";
import { APPLY_PATCH } from "../runtime/writer.ts";
import { CliError, EXIT } from "./errors.ts";

const WAIT_MS = 15_000;

export async function installDefinition(manifest: Manifest, transport: Transport, platform: Platform): Promise<string> {
  const { name } = (manifest.crd as { metadata: { name: string } }).metadata;
  const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}`;
  await send(transport, platform.text, {
    method: "PATCH", path: withQuery(path, { fieldManager: "toque", force: "true" }), contentType: APPLY_PATCH, body: stringifyJson(manifest.crd),
  });
  const endMs = platform.clock.monotonicMs() + WAIT_MS;
  for (;;) {
    const { body } = await send(transport, platform.text, { method: "GET", path });
    if (established(JSON.parse(platform.text.decodeUtf8(body, 0, body.length)) as JsonObject)) return name;
    if (platform.clock.monotonicMs() > endMs) throw new CliError(EXIT.cluster, `the API server does not establish ${name}: see the conditions in kubectl describe crd ${name}`);
    await new Promise<void>((done) => { platform.timers.after(50, done); });
  }
}

function established(crd: JsonObject): boolean {
  const conditions = (crd["status"] as { conditions?: { type: string; status: string }[] } | undefined)?.conditions ?? [];
  return conditions.some(({ type, status }) => type === "Established" && status === "True");
}
