/**
 * What a build knows about an operator before any code: its manifest, its permissions, its deployment. All of it pure, text
 * and data in, data out, so that it runs in a browser as well.
 *
 *     operator.yaml --yaml.ts--> operator.ts --------------------------+
 *     crd.yaml -----yaml.ts--> crd.ts --schema.ts--> typing.ts         |
 *     openapi/builtin.json --------------------------> kinds.ts (all kinds and types)
 *                                                          fields.ts (cut to what was declared) --> Manifest --> rbac.ts --> deploy.ts
 *
 * Every step complains by `Diagnostic`s and goes on, so that an author sees all mistakes at once.
 */
export { formatDiagnostics } from "./diagnostic.ts";
export type { Diagnostic, Sources } from "./diagnostic.ts";
export { manifestOf, DEFAULT_FILE_NAMES } from "./manifest-of.ts";
export type { FileNames, ManifestResult } from "./manifest-of.ts";
export { rbacOf, rulesOf, sharedHostRbac, describeRules, clusterScoped } from "./rbac.ts";
export type { RbacOptions, Rule } from "./rbac.ts";
export { deployOf } from "./deploy.ts";
export type { Deploy, DeployOptions } from "./deploy.ts";
