/** Jobs that are over are deleted after the time that they name. */
import { JOBS, type Job } from "../../typed/batch.ts";
import { keyOf } from "../../typed/resource.ts";
import type { Kit } from "../kit/kit.ts";
import { timeMs } from "../kit/numbers.ts";
import { isOver } from "./job.ts";

export function deleteFinishedJobs(kit: Kit): void {
  const jobs = kit.store(JOBS);
  const api = kit.api("kube-controller-manager");
  const expires = ({ metadata, spec }: Job): boolean => metadata.deletionTimestamp === undefined && spec.ttlSecondsAfterFinished !== undefined;
  const queue = kit.queue("ttl-after-finished", (key) => {
    const job = jobs.get(key);
    if (job === undefined || !expires(job) || !isOver(job)) return;
    const over = job.status!.conditions!.find(({ type, status }) => (type === "Complete" || type === "Failed") && status === "True")!;
    const leftMs = timeMs(over.lastTransitionTime)! + job.spec.ttlSecondsAfterFinished! * 1000 - kit.nowMs();
    if (leftMs > 0) queue.addAfter(key, leftMs);
    else api.delete(JOBS, job, { propagation: "Foreground" });
  });
  jobs.on(({ type, object }) => {
    if (type !== "DELETED" && expires(object) && isOver(object)) queue.add(keyOf(object));
  });
}
