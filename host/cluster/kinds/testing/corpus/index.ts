/** Examples of every kind that has rules. */
import type { Corpus } from "../differential.ts";
import { deployments, replicaSets, statefulSets } from "./apps.ts";
import { configMaps, namespaces, secrets, serviceAccounts } from "./core.ts";
import { claims, storageClasses, volumes } from "./storage.ts";
import { services } from "./services.ts";
import { pods } from "./pods.ts";

export const ALL: readonly Corpus[] = [configMaps, secrets, namespaces, serviceAccounts, services, pods, claims, volumes, storageClasses, deployments, replicaSets, statefulSets];
