/** Every Pod runs as a ServiceAccount of its namespace, and sees a token of it unless it doesn't want to. */
import type { AdmissionRequest } from "../api/machinery.ts";
import type { Container, Pod, PodSpec, ServiceAccount, Volume } from "../kinds/generated/types.ts";
import type { StrategyContext } from "../kinds/kind.ts";
import { MIRROR } from "../kinds/pod/annotations.ts";
import { everyContainer } from "../kinds/pod/containers-of.ts";
import { objectOf, refused, type Plugin } from "./plugin.ts";

const TOKEN_FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount";
const ENFORCED = "kubernetes.io/enforce-mountable-secrets";
/** An hour, and a little more for those that look at the clock too late. */
const TOKEN_SECONDS = 3607;
const NAME_LETTERS = "bcdfghjklmnpqrstvwxz2456789";

export const serviceAccount: Plugin = {
  name: "ServiceAccount", resources: ["pods"], operations: ["CREATE", "UPDATE"],
  mutate(request, context) {
    if (request.operation !== "CREATE" || request.subresource !== undefined) return;
    const pod = objectOf<Pod>(request);
    const spec = pod.spec ??= {};
    if (pod.metadata.annotations?.[MIRROR] === undefined) {
      if ((spec.serviceAccountName ?? "") === "") spec.serviceAccountName = spec.serviceAccount = "default";
      const account = accountOf(request, spec.serviceAccountName!, context);
      if (spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true) mountToken(spec, context);
      if (spec.imagePullSecrets === undefined && account.imagePullSecrets !== undefined) spec.imagePullSecrets = account.imagePullSecrets.map(({ name = "" }) => ({ name }));
    }
    check(request, context);
  },
  validate: check,
};

function check(request: AdmissionRequest, context: StrategyContext): void {
  const { metadata, spec = {} } = objectOf<Pod>(request);
  const name = spec.serviceAccountName ?? "";
  if (request.operation === "UPDATE" && request.subresource === "ephemeralcontainers") {
    checkSecrets(request, requiredAccount(request, name, context), [["ephemeral container", spec.ephemeralContainers as Container[] | undefined]], {});
    return;
  }
  if (request.operation !== "CREATE" || request.subresource !== undefined) return;
  if (metadata.annotations?.[MIRROR] !== undefined) checkMirror(request, spec);
  else checkSecrets(request, requiredAccount(request, name, context), [["init container", spec.initContainers], ["container", spec.containers]], spec);
}
function requiredAccount(request: AdmissionRequest, name: string, context: StrategyContext): ServiceAccount {
  if (name === "") throw refused(request, `no service account specified for pod ${request.namespace}/${request.object?.metadata.name ?? ""}`);
  return accountOf(request, name, context);
}
function accountOf(request: AdmissionRequest, name: string, context: StrategyContext): ServiceAccount {
  const found = context.get("serviceaccounts", request.namespace, name);
  if (found === undefined) throw refused(request, `error looking up service account ${request.namespace}/${name}: serviceaccount "${name}" not found`);
  return found as unknown as ServiceAccount;
}

function checkMirror(request: AdmissionRequest, spec: PodSpec): void {
  if ((spec.serviceAccountName ?? "") !== "") throw refused(request, "a mirror pod may not reference service accounts");
  const secret = spec.imagePullSecrets !== undefined || spec.volumes?.some((each) => each.secret !== undefined || each.projected?.sources?.some((source) => source.secret !== undefined))
    || [...everyContainer(spec)].some(({ env, envFrom }) => env?.some(({ valueFrom }) => valueFrom?.secretKeyRef !== undefined) || envFrom?.some(({ secretRef }) => secretRef !== undefined));
  if (secret) throw refused(request, "a mirror pod may not reference secrets");
  if (spec.volumes?.some(({ projected }) => projected?.sources?.some((source) => source.serviceAccountToken !== undefined))) {
    throw refused(request, "a mirror pod may not use ServiceAccountToken volume projections");
  }
}

/** An account may say that its Pods see its own secrets alone. */
function checkSecrets(request: AdmissionRequest, account: ServiceAccount, containers: readonly (readonly [sort: string, list: readonly Container[] | null | undefined])[], spec: PodSpec): void {
  if (!["1", "t", "T", "TRUE", "true", "True"].includes(account.metadata.annotations?.[ENFORCED] ?? "")) return;
  const known = new Set(account.secrets?.map(({ name }) => name));
  const because = `because service account ${account.metadata.name} does not reference that`;
  for (const { secret } of spec.volumes ?? []) {
    if (secret !== undefined && !known.has(secret.secretName)) throw refused(request, `volume with secret.secretName="${secret.secretName ?? ""}" is not allowed ${because} secret`);
  }
  for (const [sort, list] of containers) {
    for (const { name: container = "", env, envFrom } of list ?? []) {
      for (const { name = "", valueFrom } of env ?? []) {
        const secret = valueFrom?.secretKeyRef?.name;
        if (secret !== undefined && !known.has(secret)) throw refused(request, `${sort} ${container} with envVar ${name} referencing secret.secretName="${secret}" is not allowed ${because} secret`);
      }
      for (const { secretRef } of envFrom ?? []) {
        if (secretRef !== undefined && !known.has(secretRef.name)) throw refused(request, `${sort} ${container} with envFrom referencing secret.secretName="${secretRef.name ?? ""}" is not allowed ${because} secret`);
      }
    }
  }
  const pull = new Set(account.imagePullSecrets?.map(({ name }) => name));
  spec.imagePullSecrets?.forEach(({ name = "" }, index) => {
    if (!pull.has(name)) throw refused(request, `imagePullSecrets[${index}].name="${name}" is not allowed ${because} imagePullSecret`);
  });
}

function mountToken(spec: PodSpec, { random }: StrategyContext): void {
  const own = spec.volumes?.find(({ name }) => name?.startsWith("kube-api-access-"))?.name;
  const letter = (): string => NAME_LETTERS[Math.floor(random() * NAME_LETTERS.length)]!;
  const name = own ?? `kube-api-access-${Array.from({ length: 5 }, letter).join("")}`;
  let mounted = false;
  for (const container of [...spec.initContainers ?? [], ...spec.containers ?? []]) {
    if (container.volumeMounts?.some(({ mountPath }) => mountPath === TOKEN_FOLDER) === true) continue;
    (container.volumeMounts ??= []).push({ name, readOnly: true, mountPath: TOKEN_FOLDER });
    mounted = true;
  }
  if (mounted && own === undefined) (spec.volumes ??= []).push(tokenVolume(name));
}
function tokenVolume(name: string): Volume {
  return {
    name,
    projected: {
      defaultMode: 0o644,
      sources: [
        { serviceAccountToken: { expirationSeconds: TOKEN_SECONDS, path: "token" } },
        { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
        { downwardAPI: { items: [{ path: "namespace", fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } }] } },
      ],
    },
  };
}
