/**
 * What a build knows about an operator before any code: its manifest, its permissions, its deployment.
 */
export { formatDiagnostics } from "./diagnostic.ts";
export type { Diagnostic, Sources } from "./diagnostic.ts";
export { manifestOf, DEFAULT_FILE_NAMES } from "./manifest-of.ts";
export type { FileNames, ManifestResult } from "./manifest-of.ts";
export { rbacOf, rulesOf, sharedHostRbac, describeRules, clusterScoped } from "./rbac.ts";
export type { RbacOptions, Rule } from "./rbac.ts";
export { deployOf } from "./deploy.ts";
export type { Deploy, DeployOptions } from "./deploy.ts";
