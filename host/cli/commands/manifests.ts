/** `toque manifests`: everything needed to run operators in a cluster, as YAML. */
import { stringify } from "yaml";
import { deployOf } from "../../../bindings/codegen/index.ts";
import { readCore } from "../cores.ts";
import { wholeNumber } from "../options.ts";

export interface ManifestsOptions {
  namespace: string;
  watchNamespace?: string[];
  image: string;
  replicas: string;
  only?: "crd" | "rbac" | "deployment";
}

export async function manifests(files: readonly string[], options: ManifestsOptions): Promise<void> {
  const cores = files.map((file) => readCore(file).core);
  const deploy = deployOf(cores.map((core) => core.manifest), {
    image: options.image,
    namespace: options.namespace,
    replicas: wholeNumber("--replicas", options.replicas, 1),
    ...(options.watchNamespace === undefined ? {} : { watchNamespaces: options.watchNamespace }),
  });
  const parts = { crd: deploy.crds, rbac: deploy.rbac, deployment: [deploy.deployment] };
  const objects = options.only === undefined ? deploy.all : parts[options.only];
  const header = cores.map((core) => `# ${core.manifest.name} ${core.manifest.version} ${core.digest}`).join("\n");
  process.stdout.write(`${header}\n${objects.map((object) => stringify(object, { lineWidth: 0 })).join("---\n")}`);
}
