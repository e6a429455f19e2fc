/**
 * What a build knows about an operator before any code: its manifest, its permissions, its deployment.
 */
export { formatDiagnostics } from "./diagnostic.ts";
export type { Diagnostic, Sources } from "./diagnostic.ts";
export { manifestOf, DEFAULT_FILE_NAMES } from "./manifest-of.ts";
export type { FileNames, ManifestResult } from "./manifest-of.ts";
