/** Every scenario there is. */
import { BUDGETS } from "./budgets.ts";
import { CLAIMS } from "./claims.ts";
import { DAEMON_SETS } from "./daemon-sets.ts";
import { DEPLOYMENTS } from "./deployments.ts";
import { ENDPOINTS } from "./endpoints.ts";
import { GARBAGE } from "./garbage.ts";
import { JOBS } from "./jobs.ts";
import { NAMESPACES } from "./namespaces.ts";
import { STATEFUL_SETS } from "./stateful-sets.ts";

export const SCENARIOS = [...DEPLOYMENTS, ...STATEFUL_SETS, ...DAEMON_SETS, ...JOBS, ...GARBAGE, ...NAMESPACES, ...BUDGETS, ...ENDPOINTS, ...CLAIMS];
