/**
 * `toque`: builds cores, runs them, and says what they would do.
 *
 * Each command is a file of its own, loaded when it is called: `toque --help` stays fast.
 */
import { Command, CommanderError, Option } from "commander";
import { CliError, coded, EXIT } from "./errors.ts";
import { namespaces } from "./options.ts";
import { VERSION } from "./version.ts";

const clusterOptions = [
  new Option("--kubeconfig <file>", "kubeconfig to use (default: $KUBECONFIG, ~/.kube/config, or the Pod's service account)"),
  new Option("--context <name>", "context of the kubeconfig"),
];

/** Where `toque manifests` puts hosts. */
const hostNamespace = new Option("--host-namespace <name>", "namespace of the host; the key of its hashes of Secrets' values is there").default("toque-system");

function withCluster(command: Command): Command {
  for (const option of clusterOptions) command.addOption(option);
  return command;
}

function program(): Command {
  const toque = new Command("toque")
    .description("Kubernetes operators as pure functions.")
    .version(VERSION, "-V, --version", "print the version")
    .helpOption("-h, --help", "show help")
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text) });

  toque.command("build").description("compile an operator's folder to build/<name>.wasm and build/<name>.component.wasm")
    .argument("[folders...]", "folders with operator.yaml, crd.yaml and reconcile.ts (default: this one)")
    .option("-o, --out <folder>", "where the modules go", "build")
    .option("--debug", "faster build with names; has a digest of its own")
    .option("--no-component", "leave out the component")
    .option("-w, --watch", "build again when a file changes (implies --debug)")
    .action(async (folders: string[], options) => (await import("./commands/build.ts")).build(folders, options));

  withCluster(toque.command("run")).description("run one or more operators against a cluster")
    .argument("<cores...>", "modules made by `toque build`")
    .option("-n, --namespace <names>", "watch these namespaces only: with commas, or repeated (default: all)", namespaces)
    .option("--leader-elect", "take part in leader election; a standby keeps its caches warm")
    .option("--leader-namespace <name>", "namespace of the Lease (default: that of the Pod, else default)")
    .option("--install", "apply the CRDs first")
    .option("--impersonate", "write as each operator's own ServiceAccount (<name> in the host's namespace)")
    .option("--workers <n>", "passes with requests under way at a time, per operator", "16")
    .option("--port <n>", "serve /metrics, /healthz and /readyz on this port (0: any)")
    .option("--bind <address>", "address to serve on", "127.0.0.1")
    .addOption(new Option("--log <format>", "how to log").choices(["text", "json"]).default("text"))
    .option("-q, --quiet", "log only what went wrong")
    .action(async (cores: string[], options) => (await import("./commands/run.ts")).run(cores, options));

  addStart(toque);

  withCluster(toque.command("plan")).description("show what an operator would do for an object, and do nothing")
    .argument("[core]", "module made by `toque build` (default: the only one in build/)")
    .requiredOption("-f, --filename <file>", "the custom resource, as YAML or JSON")
    .addOption(hostNamespace)
    .option("--offline", "suppose an empty cluster instead of asking one")
    .option("--json", "print the plan with its digest and input hash, for `toque apply`")
    .option("-o, --out <file>", "write that JSON to a file, and the readable plan to the terminal")
    .action(async (core: string | undefined, options) => (await import("./commands/plan.ts")).plan(core, options));

  withCluster(toque.command("apply")).description("carry out a plan made by `toque plan`; refused when anything it saw has changed")
    .argument("<plan>", "file written by `toque plan --out` (- for standard input)")
    .argument("[core]", "module it was made with (default: the one named in the plan)")
    .addOption(hostNamespace)
    .action(async (plan: string, core: string | undefined, options) => (await import("./commands/apply.ts")).apply(plan, core, options));

  toque.command("manifests").description("print everything needed to run operators in a cluster: CRDs, RBAC, Deployment")
    .argument("<cores...>", "modules made by `toque build`")
    .option("-n, --namespace <name>", "namespace the host runs in", "toque-system")
    .option("--watch-namespace <names>", "let it watch and write in these namespaces only (with commas, or repeated): Roles instead of ClusterRoles", namespaces)
    .option("--image <name>", "image with the host and the modules", "toque:latest")
    .option("--replicas <n>", "hosts: one leads, the others stand by", "1")
    .addOption(new Option("--only <part>", "print one part").choices(["crd", "rbac", "deployment"]))
    .action(async (cores: string[], options) => (await import("./commands/manifests.ts")).manifests(cores, options));

  toque.command("inspect").description("verify a module and show what is in it")
    .argument("<core>", "module made by `toque build`")
    .option("--json", "print JSON")
    .action(async (core: string, options) => (await import("./commands/inspect.ts")).inspect(core, options));
  return toque;
}

function addStart(toque: Command): void {
  withCluster(toque.command("start")).description("build operators, run them on an embedded cluster, apply their samples, tell what happens")
    .argument("[folders...]", "folders of operators (default: this one)")
    .option("-f, --filename <files...>", "samples to apply (default: all in the folders' samples/)")
    .option("-o, --out <folder>", "where modules and the kubeconfig go", "build")
    .option("--data <folder>", "keep the embedded cluster's state in this folder")
    .option("--port <n>", "port of the embedded cluster's API (default: any)")
    .option("--nodes <n>", "nodes of the embedded cluster", "3")
    .option("--once", "end when the samples have settled")
    .action(async (folders: string[], options) => (await import("./commands/start.ts")).start(folders, options));
}

export async function main(argv: readonly string[]): Promise<number> {
  try {
    await program().parseAsync(argv, { from: "user" });
    return process.exitCode === undefined ? EXIT.ok : Number(process.exitCode);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (error instanceof CliError) {
      process.stderr.write(`toque: ${error.message}\n`);
      return error.exit;
    }
    process.stderr.write(`toque: ${describe(error)}\n`);
    return EXIT.failed;
  }
}

/** Operating errors carry a code and a sentence; anything else is a bug, and its stack is the report. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "code" in error ? coded(error) : (error.stack ?? error.message);
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
