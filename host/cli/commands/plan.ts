/** `toque plan`: what an operator would do for an object - readable, or as a document that `toque apply` takes. */
import { writeFileSync } from "node:fs";
import { parseJson, stringifyJson } from "../../../bindings/protocol/json.ts";
import type { Action, Json, JsonObject } from "../../../bindings/protocol/types.ts";
import { nodePlatform } from "../../platform/node/index.ts";
import { clusterError, connect, type ClusterOptions } from "../connect.ts";
import { onlyCore, readCore } from "../cores.ts";
import { differences } from "../differences.ts";
import { previewer } from "../executing.ts";
import { hashKeyOfHost } from "../hash-key.ts";
import { documentOf } from "../plan-document.ts";
import { planFor, readObject, type Planned } from "../planning.ts";

export interface PlanOptions extends ClusterOptions { filename: string; hostNamespace: string; offline?: boolean; json?: boolean; out?: string }

export async function plan(file: string | undefined, options: PlanOptions): Promise<void> {
  const coreFile = onlyCore(file);
  const { core } = readCore(coreFile);
  const connection = options.offline === true ? undefined : await connect(options);
  const platform = nodePlatform();
  try {
    const object = readObject(options.filename, core, connection?.namespace ?? "default");
    const nowMs = platform.clock.nowMs();
    const { secretKey, missing } = connection === undefined ? {} : await hashKeyOfHost(core.manifest, { transport: connection.transport, platform, namespace: options.hostNamespace });
    if (missing !== undefined) process.stderr.write(`toque: hashes of Secrets' values in this plan are not the host's, and \`toque apply\` will refuse it: ${missing} (--host-namespace)\n`);
    const planned = await planFor(core, object, connection?.transport, platform, nowMs, secretKey);
    const document = documentOf(core, coreFile, planned, nowMs, options.offline === true);
    if (options.out !== undefined) writeFileSync(options.out, `${stringifyJson(document)}\n`);
    if (options.json === true) process.stdout.write(`${JSON.stringify(JSON.parse(stringifyJson(document)), null, 2)}\n`);
    else process.stdout.write(readable(planned, core.manifest.name, document.digest, options.offline === true));
  } catch (error) {
    throw clusterError(`can't plan`, error);
  } finally {
    connection?.transport.close();
  }
}

function readable(planned: Planned, operator: string, digest: string, offline: boolean): string {
  const { object, existing, changes, decided } = planned;
  const { namespace, name } = object.metadata;
  const whose = `${object.kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
  const state = existing === undefined ? "new" : changes ? "changed by the file" : "as it is";
  const lines = [`${whose}  (${state}${offline ? "; offline: an empty cluster, no defaults, no validation" : ""})`, ""];
  const outcomes = previewer(planned);
  decided.plan.actions.forEach((action, index) => lines.push(...describeAction(planned, action, outcomes[index]!)));
  if (decided.plan.actions.length === 0) lines.push("  (no action)");
  lines.push(...describeStatus(decided.plan.status));
  const { verdict, reason, message } = decided.plan;
  lines.push("", `${verdict}${reason === undefined || reason === "" ? "" : ` ${reason}`}${message === undefined || message === "" ? "" : `: ${message}`}`);
  lines.push(`${operator} ${digest.slice(0, 19)}, input ${planned.inputHash.slice(0, 19)}, fuel ${decided.fuelUsed}`, "");
  return lines.join("\n");
}

const SIGNS: Record<Action["type"], string> = { apply: "+", create: "+", patch: "~", delete: "-", evict: "-", adopt: "<", latch: "!", http: ">" };

function describeAction({ decided }: Planned, action: Action, outcome: string): string[] {
  const target = action.type === "apply" || action.type === "create" ? { ...action.object, ...action.object.metadata }
    : action.type === "http" ? action.call.target : action.type === "latch" ? decided.primary.ref : action.target;
  const live = action.type === "apply" ? liveOf(decided, target as { kind: string; name: string }) : undefined;
  const sign = action.type === "apply" && live !== undefined ? (outcome === "skipped" ? "=" : "~") : SIGNS[action.type];
  const what = action.type === "http" ? `${action.call.name} ${String(target.kind)}` : String(target.kind);
  const lines = [`  ${sign} ${action.type.padEnd(6)} ${what} ${target.name}  ${action.reason}${outcome === "" ? "" : `  [${outcome}]`}`];
  if (action.type === "apply" && outcome !== "skipped") {
    for (const { path, before, after } of differences(live, action.object as unknown as JsonObject)) {
      lines.push(before === undefined ? `      ${path}: ${short(after)}` : `      ${path}: ${short(before)} -> ${short(after)}`);
    }
    for (const path of action.release ?? []) lines.push(`      ${path}: handed over, keeps its value`);
  }
  return lines;
}

function liveOf(decided: Planned["decided"], { kind, name }: { kind: string; name: string }): JsonObject | undefined {
  const seen = decided.owned.find(({ object }) => object.ref.kind === kind && object.ref.name === name);
  return seen === undefined ? undefined : (parseJson(seen.object.text(seen.projection)) as JsonObject);
}

function describeStatus(status: JsonObject | undefined): string[] {
  if (status === undefined) return [];
  const lines = differences(undefined, status).filter(({ path }) => !path.endsWith("lastTransitionTime"));
  return ["  = status", ...lines.map(({ path, after }) => `      ${path}: ${short(after)}`)];
}

function short(value: Json | undefined): string {
  const text = value === undefined ? "(nothing)" : typeof value === "string" ? value : stringifyJson(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
