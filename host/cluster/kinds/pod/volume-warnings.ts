/** What a client is told of volumes that are right but not wise. */
import type { ProjectedVolumeSource, Volume, VolumeProjection } from "../generated/types.ts";
import type { StrategyContext } from "../kind.ts";
import { warnOfClaimSpec } from "../volumes/claim.ts";

type Warn = StrategyContext["warn"];

/** Sources whose drivers are gone, in the order in which they are told, and since when. */
const GONE = [
  ["photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"], ["gitRepo", "deprecated in v1.11, and disabled by default in v1.33+"], ["scaleIO", "deprecated in v1.16, non-functional in v1.22+"],
  ["flocker", "deprecated in v1.22, non-functional in v1.25+"], ["storageos", "deprecated in v1.22, non-functional in v1.25+", "storageOS"], ["quobyte", "deprecated in v1.22, non-functional in v1.25+"],
  ["glusterfs", "deprecated in v1.25, non-functional in v1.26+"], ["ephemeral", ""], ["cephfs", "deprecated in v1.28, non-functional in v1.31+"], ["rbd", "deprecated in v1.28, non-functional in v1.31+"],
] as const;

export function warnOfVolumes(volumes: readonly Volume[], path: string, context: StrategyContext): void {
  volumes.forEach((volume, index) => {
    for (const [field, why, shown] of GONE) {
      if (volume[field] === undefined) continue;
      const template = volume.ephemeral?.volumeClaimTemplate;
      if (field !== "ephemeral") context.warn(`${path}[${index}].${shown ?? field}: ${why}`);
      else if (template !== undefined) warnOfClaimSpec(template.spec ?? {}, `${path}[${index}].ephemeral.volumeClaimTemplate.spec`, context);
    }
  });
  for (const volume of volumes) warnOfOverlaps(volume, context.warn);
}

interface File { readonly path: string; readonly source: string }
type Named = { readonly path?: string };

function warnOfOverlaps({ name = "", configMap, secret, downwardAPI, projected }: Volume, warn: Warn): void {
  const tell = (what: string, overlap: string): void => warn(`volume ${JSON.stringify(name)} (${what}): overlapping paths: ${overlap}`);
  const one = (items: readonly Named[] | undefined, what: string): void => {
    const seen: File[] = [];
    for (const { path = "" } of items ?? []) add({ path, source: "" }, seen, (overlap) => tell(what, overlap));
  };
  if (configMap !== undefined) one(configMap.items, `ConfigMap ${JSON.stringify(configMap.name ?? "")}`);
  if (secret !== undefined) one(secret.items, `Secret ${JSON.stringify(secret.secretName ?? "")}`);
  if (downwardAPI !== undefined) one(downwardAPI.items, "DownwardAPI");
  if (projected !== undefined) warnOfProjection(name, projected, (overlap) => tell("Projected", overlap), warn);
}
function warnOfProjection(name: string, { sources }: ProjectedVolumeSource, tell: (overlap: string) => void, warn: Warn): void {
  const seen: File[] = [];
  for (const source of sources ?? []) {
    if (Object.values(source).every((each) => each === undefined)) warn(`volume ${JSON.stringify(name)} (Projected) has no sources provided`);
    else for (const file of filesOf(source)) add(file, seen, tell);
  }
}
function filesOf({ configMap, secret, downwardAPI, serviceAccountToken }: VolumeProjection): File[] {
  const all = (items: readonly Named[], source: string): File[] => items.map(({ path = "" }) => ({ path, source }));
  if (configMap?.items !== undefined) return all(configMap.items, `ConfigMap ${JSON.stringify(configMap.name ?? "")}`);
  if (secret?.items !== undefined) return all(secret.items, `Secret ${JSON.stringify(secret.name ?? "")}`);
  if (downwardAPI?.items !== undefined) return all(downwardAPI.items, "DownwardAPI");
  return serviceAccountToken === undefined ? [] : [{ path: serviceAccountToken.path ?? "", source: "ServiceAccountToken" }];
}

/** A file, or a directory with everything in it, that another one would hide. */
function add({ path, source }: File, seen: File[], tell: (overlap: string) => void): void {
  const file = { path: path.replace(/\/+$/, ""), source };
  for (const other of seen) {
    if (file.path === "" || other.path === "") continue;
    if (`${other.path}/`.startsWith(`${file.path}/`) || `${file.path}/`.startsWith(`${other.path}/`)) tell(`${shown(file)} with ${shown(other)}`);
  }
  seen.push(file);
}
function shown({ path, source }: File): string {
  return source === "" ? JSON.stringify(path) : `${JSON.stringify(path)} (${source})`;
}
