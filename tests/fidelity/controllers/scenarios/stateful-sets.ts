/** StatefulSets, DaemonSets and their revisions: hashes are compared as they are. */
import type { Loose } from "../../../support/api-client.ts";
import { scenario, type Stage } from "../stage.ts";

const template = (image: string, more: Loose = {}): Loose => ({ metadata: { labels: { app: "db" } }, spec: { containers: [{ name: "main", image, ...more }] } });
const set = (replicas: number, more: Loose = {}): Loose => ({
  apiVersion: "apps/v1", kind: "StatefulSet", metadata: { name: "db", annotations: { note: "a & b" } },
  spec: { replicas, serviceName: "db", selector: { matchLabels: { app: "db" } }, template: template("db:1"), ...more },
});
const ALL = ["statefulsets", "controllerrevisions", "pods"];
const claims = { volumeClaimTemplates: [{ metadata: { name: "data", labels: { kind: "data" } }, spec: { accessModes: ["ReadWriteOnce"], storageClassName: "none", resources: { requests: { storage: "1Gi" } } } }] };

async function readyAll(stage: Stage, names: readonly string[]): Promise<void> {
  for (const name of names) {
    await stage.until(name, async () => (await stage.backend.request("GET", stage.path("pods", name))).status === 200);
    await stage.ready([{ metadata: { name } }]);
  }
}

export const STATEFUL_SETS = [
  scenario("statefulset in order", async (stage) => {
    await stage.create("statefulsets", set(3));
    await stage.look("first", ...ALL, "events");
    await readyAll(stage, ["db-0"]);
    await stage.look("second", ...ALL);
    await readyAll(stage, ["db-1", "db-2"]);
    await stage.look("all", ...ALL);
    await stage.ready([{ metadata: { name: "db-0" } }], false);
    await stage.patch("statefulsets", "db", { spec: { replicas: 1 } });
    await stage.look("held up by one that is not ready", ...ALL);
    await readyAll(stage, ["db-0"]);
    await stage.ready([{ metadata: { name: "db-0" } }]);
    await stage.look("smaller", ...ALL, "events");
  }),
  scenario("statefulset in parallel from another start", async (stage) => {
    await stage.create("statefulsets", set(3, { podManagementPolicy: "Parallel", ordinals: { start: 4 } }));
    await stage.look("made", ...ALL);
    await readyAll(stage, ["db-5"]);
    await stage.patch("statefulsets", "db", { spec: { ordinals: { start: 5 } } });
    await stage.look("moved", ...ALL);
    await stage.patch("statefulsets", "db", { spec: { replicas: 1 } });
    await stage.look("smaller", ...ALL);
  }),
  scenario("statefulset rolling update with a partition", async (stage) => {
    await stage.create("statefulsets", set(3, { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 2 } } }));
    await readyAll(stage, ["db-0", "db-1", "db-2"]);
    await stage.look("first", ...ALL);
    await stage.patch("statefulsets", "db", { spec: { template: template("db:2", { args: ["--a=<b>", "&"] }) } });
    await stage.until("db-2 anew", async () => (await stage.list("pods")).some(({ metadata, spec }) => metadata.name === "db-2" && spec.containers[0].image === "db:2"));
    await stage.look("one anew", ...ALL);
    await readyAll(stage, ["db-2"]);
    await stage.look("one ready", ...ALL);
    await stage.patch("statefulsets", "db", { spec: { updateStrategy: { rollingUpdate: { partition: 0 } } } });
    for (const name of ["db-1", "db-0"]) {
      await stage.until(`${name} anew`, async () => (await stage.list("pods")).some(({ metadata, spec }) => metadata.name === name && spec.containers[0].image === "db:2"));
      await stage.look(`${name} anew`, ...ALL);
      await readyAll(stage, [name]);
    }
    await stage.look("done", ...ALL, "events");
    await stage.patch("statefulsets", "db", { spec: { template: template("db:1", { args: null }) } });
    await stage.look("back", ...ALL);
  }),
  scenario("statefulset on delete", async (stage) => {
    await stage.create("statefulsets", set(2, { updateStrategy: { type: "OnDelete" }, revisionHistoryLimit: 1 }));
    await readyAll(stage, ["db-0", "db-1"]);
    await stage.patch("statefulsets", "db", { spec: { template: template("db:2") } });
    await stage.look("nothing renewed", ...ALL);
    await stage.delete("pods", "db-0");
    await stage.look("one renewed", ...ALL);
    await readyAll(stage, ["db-0"]);
    await stage.delete("pods", "db-1");
    await readyAll(stage, ["db-1"]);
    for (const image of ["db:3", "db:4"]) {
      await stage.patch("statefulsets", "db", { spec: { template: template(image) } });
      await stage.look(`history at ${image}`, ...ALL);
    }
  }),
  scenario("statefulset claims retained", async (stage) => {
    await stage.create("statefulsets", set(2, { ...claims, podManagementPolicy: "Parallel" }));
    await stage.look("made", ...ALL, "persistentvolumeclaims", "events");
    await stage.patch("statefulsets", "db", { spec: { replicas: 1 } });
    await stage.delete("statefulsets", "db", "Background");
    await stage.look("gone", ...ALL, "persistentvolumeclaims");
  }),
  scenario("statefulset claims deleted", async (stage) => {
    await stage.create("statefulsets", set(2, { ...claims, podManagementPolicy: "Parallel", persistentVolumeClaimRetentionPolicy: { whenScaled: "Delete", whenDeleted: "Delete" } }));
    await stage.look("made", ...ALL, "persistentvolumeclaims");
    await stage.patch("statefulsets", "db", { spec: { replicas: 1 } });
    await stage.look("smaller", ...ALL, "persistentvolumeclaims");
    await stage.patch("statefulsets", "db", { spec: { persistentVolumeClaimRetentionPolicy: { whenScaled: "Retain", whenDeleted: "Retain" } } });
    await stage.look("retained after all", ...ALL, "persistentvolumeclaims");
  }),
  scenario("statefulset replaces the failed and adopts", async (stage) => {
    await stage.create("statefulsets", set(1));
    const [first] = await stage.pods(1);
    await stage.end([first], "Failed");
    await stage.until("another", async () => (await stage.list("pods")).some(({ metadata }) => metadata.uid !== first.metadata.uid));
    await stage.look("replaced", ...ALL);
    await stage.delete("statefulsets", "db", "Orphan");
    await stage.look("orphaned", ...ALL);
    await stage.create("statefulsets", set(2));
    await stage.look("adopted", ...ALL);
  }),
];
