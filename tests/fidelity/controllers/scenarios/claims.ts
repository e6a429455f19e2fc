/** Claims and volumes that somebody made. */
import type { Loose } from "../../../support/api-client.ts";
import { scenario } from "../stage.ts";

export const CLAIMS = [
  scenario("claims and volumes by hand", async (stage) => {
    const class_ = `${stage.ns}-class`;
    const volume = (name: string, storage: string, more: Loose = {}): Loose => ({ apiVersion: "v1", kind: "PersistentVolume", metadata: { name: `${stage.ns}-${name}`, labels: { of: stage.ns } }, spec: { capacity: { storage }, accessModes: ["ReadWriteOnce"], hostPath: { path: "/x" }, storageClassName: class_, ...more } });
    const claim = (name: string, storage: string, more: Loose = {}): Loose => ({ apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name }, spec: { accessModes: ["ReadWriteOnce"], storageClassName: class_, resources: { requests: { storage } }, ...more } });
    for (const [name, storage] of [["small", "1Gi"], ["large", "10Gi"]] as const) await stage.create("persistentvolumes", volume(name, storage));
    await stage.create("persistentvolumeclaims", claim("data", "2Gi"));
    await stage.create("persistentvolumeclaims", claim("many", "1Gi", { accessModes: ["ReadWriteMany"] }));
    await stage.until("bound", async () => (await stage.get("persistentvolumeclaims", "data")).status.phase === "Bound");
    await stage.look("bound", "persistentvolumeclaims");
    await stage.delete("persistentvolumeclaims", "data");
    await stage.look("deleted", "persistentvolumeclaims");
    await stage.until("released", async () => (await stage.get("persistentvolumes", `${stage.ns}-large`)).status.phase === "Released");
    for (const name of ["small", "large"]) await stage.delete("persistentvolumes", `${stage.ns}-${name}`);
  }),
];
