/** PodDisruptionBudgets. */
import type { Loose } from "../../../support/api-client.ts";
import { scenario } from "../stage.ts";

const deployment = (replicas: number): Loose => ({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web" }, spec: { replicas, selector: { matchLabels: { app: "web" } }, template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "main", image: "web:1" }] } } } });
export const BUDGETS = ([["minAvailable", 2], ["maxUnavailable", 1], ["minAvailable", "50%"], ["maxUnavailable", "30%"]] as const).map(([field, value]) => scenario(`budget ${field} ${value}`, async (stage) => {
  await stage.create("poddisruptionbudgets", { apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadata: { name: "web" }, spec: { [field]: value, selector: { matchLabels: { app: "web" } } } });
  await stage.look("no Pods", "poddisruptionbudgets", "events");
  await stage.create("deployments", deployment(3));
  await stage.ready(await stage.pods(3));
  await stage.look("all ready", "poddisruptionbudgets");
  const [first, second] = await stage.pods(3);
  await stage.must("POST", `${stage.path("pods", first.metadata.name)}/eviction`, { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: first.metadata.name } });
  await stage.until("another", async () => (await stage.list("pods")).filter(({ status }) => status.phase === "Pending").length === 1);
  await stage.look("one evicted", "poddisruptionbudgets", "pods");
  await stage.ready([second], false);
  await stage.look("one not ready", "poddisruptionbudgets");
}));
