/** Examples of every kind that has rules. */
import type { Corpus } from "../differential.ts";
import { deployments, replicaSets } from "./apps.ts";
import { configMaps, namespaces, secrets, serviceAccounts } from "./core.ts";
import { services } from "./services.ts";
import { pods } from "./pods.ts";

export const ALL: readonly Corpus[] = [configMaps, secrets, namespaces, serviceAccounts, services, pods, deployments, replicaSets];
