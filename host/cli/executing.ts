/** The executor without watches: for `toque plan` (what would be sent) and `toque apply` (send it). */
import type { Transport } from "../platform/platform.ts";
import type { NodeTransport } from "../platform/node/index.ts";
import { nodePlatform } from "../platform/node/index.ts";
import { ApplyMemo } from "../runtime/apply/memo.ts";
import { keyOf } from "../runtime/contracts.ts";
import { Act, type ExecutorContext } from "../runtime/executor/act.ts";
import { Executor } from "../runtime/executor.ts";
import { createInformers } from "../runtime/informers.ts";
import { NO_METRICS } from "../runtime/metrics.ts";
import { OwnWrites } from "../runtime/own-writes.ts";
import { ProxyCaller } from "../runtime/proxy-caller.ts";
import { ALWAYS, Writer } from "../runtime/writer.ts";
import type { Planned } from "./planning.ts";

export function executorContext(planned: Pick<Planned, "declarations">, transport: Transport): ExecutorContext {
  const platform = nodePlatform();
  const informers = createInformers({ transport, platform });
  return {
    declarations: planned.declarations, writer: new Writer({ transport, text: platform.text }), gate: ALWAYS, informers,
    // Nothing is watched, so there is no cache to wait for.
    ownWrites: new OwnWrites({ timers: platform.timers, informers, storeOf: () => undefined, onSeen: () => undefined }),
    memo: new ApplyMemo(platform.digest), caller: new ProxyCaller(transport, platform.text), metrics: NO_METRICS, transport, ...platform,
  };
}

export function actOf({ decided }: Planned): Act {
  const { namespace, name } = decided.primary.ref;
  return new Act(keyOf(namespace, name), decided);
}

/** For each action: "" when it would be sent, else what would become of it. */
export function previewer(planned: Planned): string[] {
  const nowhere: Transport = { request: () => Promise.reject(new Error("a preview sends nothing")), stream: () => { throw new Error("a preview sends nothing"); } };
  const executor = new Executor(executorContext(planned, nowhere));
  return executor.preview(actOf(planned)).map((outcome) => {
    if (typeof outcome === "string") return "";
    return outcome.message === undefined ? outcome.outcome : `${outcome.outcome}: ${outcome.message}`;
  });
}

export type { NodeTransport };
