/** `toque build`: folders in, modules out; every mistake at its place. */
import { buildOperator, watchOperator, type BuildReport } from "../../../bindings/compile/index.ts";
import { CliError, EXIT } from "../errors.ts";

export interface BuildOptions { out: string; debug?: boolean; component: boolean; watch?: boolean }

export async function build(folders: readonly string[], options: BuildOptions): Promise<void> {
  const all = folders.length === 0 ? ["."] : folders;
  const settings = { debug: options.debug === true || options.watch === true, component: options.component && options.watch !== true };
  if (options.watch === true) {
    await Promise.all(all.map((folder) => watchOperator(folder, options.out, settings, show)));
    return;
  }
  let failed = 0;
  for (const folder of all) if (!show(await buildOperator(folder, options.out, settings))) failed++;
  if (failed > 0) throw new CliError(EXIT.failed, `${failed} of ${all.length} did not build`);
}

function show(report: BuildReport): boolean {
  if (!report.ok) {
    process.stderr.write(`${report.errors}\n`);
    return false;
  }
  console.log(`${report.wasmFile}  ${kib(report.bytes)}, ${kib(report.gzippedBytes)} gzipped  ${report.digest}  (${(report.ms / 1000).toFixed(1)} s)`);
  if (report.componentFile !== undefined) console.log(report.componentFile);
  return true;
}

function kib(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KiB`;
}
