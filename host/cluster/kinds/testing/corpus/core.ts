import type { JsonObject } from "../../../model.ts";
import type { Corpus } from "../differential.ts";

const of = (kind: string, name: string, more: JsonObject = {}, metadata: JsonObject = {}): JsonObject => ({ apiVersion: "v1", kind, metadata: { name, ...metadata }, ...more });

export const configMaps: Corpus = {
  kind: "ConfigMap", metadata: 0.3,
  objects: [
    of("ConfigMap", "plain", { data: { a: "b", "c.d_e-f": "g" } }), of("ConfigMap", "binary", { binaryData: { x: "YWJj" }, data: { y: "" } }), of("ConfigMap", "frozen", { immutable: true, data: { a: "b" }, binaryData: { x: "YQ==" } }),
    of("ConfigMap", "big", { data: { a: "x".repeat(1_048_577) } }), of("ConfigMap", "twice", { data: { a: "" }, binaryData: { a: "" } }), of("ConfigMap", "empty", {}, { labels: { a: "b", "x/y": "z" }, annotations: { n: "o" } }),
  ],
};

export const secrets: Corpus = {
  kind: "Secret",
  objects: [
    of("Secret", "opaque", { data: { a: "YQ==" }, stringData: { b: "c", a: "d\u00e9" } }), of("Secret", "frozen", { immutable: true, data: { a: "YQ==" } }), of("Secret", "tls", { type: "kubernetes.io/tls", data: { "tls.crt": "", "tls.key": "" } }),
    of("Secret", "cfg", { type: "kubernetes.io/dockercfg", stringData: { ".dockercfg": "{}" } }), of("Secret", "cfgjson", { type: "kubernetes.io/dockerconfigjson", stringData: { ".dockerconfigjson": "{\"auths\":{}}" } }),
    of("Secret", "basic", { type: "kubernetes.io/basic-auth", stringData: { username: "u" } }), of("Secret", "ssh", { type: "kubernetes.io/ssh-auth", stringData: { "ssh-privatekey": "k" } }), of("Secret", "other", { type: "example.com/x" }),
    of("Secret", "token", { type: "kubernetes.io/service-account-token" }, { annotations: { "kubernetes.io/service-account.name": "x" } }), of("Secret", "bad", { type: "kubernetes.io/dockercfg", stringData: { ".dockercfg": "[1" } }),
    of("Secret", "list", { type: "kubernetes.io/dockercfg", stringData: { ".dockercfg": "[1]" } }), of("Secret", "words", { type: "kubernetes.io/dockercfg", stringData: { ".dockercfg": "x" } }), of("Secret", "empty", { type: "kubernetes.io/dockercfg", stringData: { ".dockercfg": "" } }),
  ],
};

export const namespaces: Corpus = {
  kind: "Namespace", metadata: 0.4,
  subresources: { status: ["status"], finalize: ["spec"] },
  objects: [of("Namespace", "kinds-a"), of("Namespace", "kinds-b", { spec: { finalizers: ["example.com/x"] } }, { labels: { a: "b" } }), of("Namespace", "a.b"), of("Namespace", "kinds-c", { spec: { finalizers: ["x"] } })],
};

export const serviceAccounts: Corpus = {
  kind: "ServiceAccount", metadata: 0.8,
  objects: [
    of("ServiceAccount", "plain"), of("ServiceAccount", "rich", { secrets: [{ name: "a", namespace: "b", kind: "Secret" }], imagePullSecrets: [{ name: "p" }], automountServiceAccountToken: false }),
    of("ServiceAccount", "Bad"), of("ServiceAccount", "finalized", {}, { finalizers: ["x"] }), of("ServiceAccount", "fine", {}, { finalizers: ["example.com/x"] }), of("ServiceAccount", "noted", {}, { annotations: { "kubernetes.io/enforce-mountable-secrets": "true" } }),
  ],
};
