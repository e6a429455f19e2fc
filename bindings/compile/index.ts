/** Building cores: from YAML and AssemblyScript to metered Wasm with a digest. */
export { buildCore } from "./compile.ts";
export type { BuiltCore, CoreSources } from "./compile.ts";
export { buildOperator } from "./build.ts";
export type { BuildReport, OperatorBuildOptions } from "./build.ts";
export { watchOperator } from "./watch.ts";
export { meter } from "./meter.ts";
