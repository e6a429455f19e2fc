/**
 * `toque apply`: carries out a plan. Everything that the plan was decided on is read again, the core decides again with
 * the same clock, and unless both are the same, nothing is written.
 */
import { stringifyJson } from "../../../bindings/protocol/json.ts";
import type { Core } from "../../core/core.ts";
import { nodePlatform, type NodeTransport } from "../../platform/node/index.ts";
import { collectionPath, objectPath, send, withQuery } from "../../runtime/api.ts";
import { nothingRemembered } from "../../runtime/decide.ts";
import { Executor } from "../../runtime/executor.ts";
import { act, type PassOutcome } from "../../runtime/pass.ts";
import { APPLY_PATCH, JSON_TYPE } from "../../runtime/writer.ts";
import { clusterError, connect, type ClusterOptions } from "../connect.ts";
import { readCore } from "../cores.ts";
import { CliError, EXIT } from "../errors.ts";
import { actOf, executorContext } from "../executing.ts";
import { hashKeyOfHost } from "../hash-key.ts";
import { readDocument, type PlanDocument } from "../plan-document.ts";
import { FIELD_MANAGER, NO_UID, planFor, type Planned } from "../planning.ts";

export interface ApplyOptions extends ClusterOptions { hostNamespace: string }

export async function apply(file: string, coreFile: string | undefined, options: ApplyOptions): Promise<void> {
  const document = readDocument(file);
  const { core } = readCore(coreFile ?? document.core);
  if (core.digest !== document.digest) throw stale(`it was made with ${document.digest}, and ${coreFile ?? document.core} is ${core.digest}`);
  const { transport } = await connect(options);
  try {
    const { secretKey, missing } = await hashKeyOfHost(core.manifest, { transport, platform: nodePlatform(), namespace: options.hostNamespace });
    if (missing !== undefined) throw new CliError(EXIT.cluster, `can't tell whether Secrets are as planned: ${missing} (--host-namespace)`);
    const observe = (): Promise<Planned> => planFor(core, document.object, transport, nodePlatform(), Date.parse(document.now), secretKey);
    const planned = stillAsPlanned(await observe(), document);
    const decided = await writePrimary(core, planned, transport, observe);
    report(await carryOut(core, decided, transport));
  } catch (error) {
    throw clusterError("can't apply the plan", error);
  } finally {
    transport.close();
  }
}

function stale(why: string): CliError {
  return new CliError(EXIT.stale, `the plan is stale: ${why}. Nothing was written; make it again with \`toque plan\``);
}

function stillAsPlanned(planned: Planned, document: PlanDocument): Planned {
  if ((planned.existing?.uid ?? null) !== (document.existing?.uid ?? null)) {
    throw stale(document.existing === null ? "the object exists by now" : "the object was deleted or made anew");
  }
  if (planned.inputHash !== document.inputHash) throw stale("what it was decided on has changed in the cluster");
  return planned;
}

/** Writes the custom resource itself, if the file changes it; the decision is then made again on what became of it. */
async function writePrimary(core: Core, planned: Planned, transport: NodeTransport, observe: () => Promise<Planned>): Promise<Planned> {
  if (!planned.changes) return planned;
  const { text } = nodePlatform();
  const { object, existing } = planned;
  const { namespace, name } = object.metadata;
  const kind = core.manifest.for;
  if (existing === undefined) {
    await send(transport, text, { method: "POST", path: withQuery(collectionPath(kind, namespace), { fieldManager: FIELD_MANAGER }), contentType: JSON_TYPE, body: stringifyJson(object) });
  } else {
    const body = { ...object, metadata: { ...object.metadata, ...existing } };
    await send(transport, text, { method: "PATCH", path: withQuery(objectPath(kind, namespace, name), { fieldManager: FIELD_MANAGER, force: "true" }), contentType: APPLY_PATCH, body: stringifyJson(body) });
  }
  const after = await observe();
  const [was, is] = [comparable(planned, NO_UID), comparable(after, after.existing?.uid ?? NO_UID)];
  if (was !== is) throw new CliError(EXIT.stale, `the object was written, and the operator now decides otherwise than planned: see \`toque plan\`. None of the plan's actions was carried out`);
  return after;
}

/** The plan's text, with the uid that only the API server could give left out. */
function comparable({ decided }: Planned, uid: string): string {
  return decided.planText.replaceAll(uid, NO_UID);
}

function carryOut(core: Core, planned: Planned, transport: NodeTransport): Promise<PassOutcome> {
  const acting = executorContext(planned, transport);
  const context = {
    acting, executor: new Executor(acting), decider: { core, declarations: planned.declarations, caller: acting.caller },
    recorder: undefined, platform: nodePlatform(), stopped: () => false,
  };
  return act(context, actOf(planned), { ...nothingRemembered(), failures: 0, verdict: undefined, stall: undefined });
}

function report(outcome: PassOutcome): void {
  if (outcome.kind !== "acted") throw new CliError(EXIT.failed, `nothing was done: the object is ${outcome.kind}`);
  for (const { result } of outcome.done) {
    const { type, kind = "", name = "" } = result.action;
    console.log(`${result.outcome.padEnd(9)} ${type} ${kind} ${name}${result.message === undefined ? "" : `: ${result.message}`}`);
  }
  if (outcome.statusWritten) console.log("done      status");
  if (outcome.failure !== undefined) throw new CliError(EXIT.failed, `${outcome.failure.reason}: ${outcome.failure.message}`);
}
