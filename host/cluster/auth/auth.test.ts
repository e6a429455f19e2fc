import assert from "node:assert/strict";
import { test } from "node:test";
import { spoken, type Loose, type Spoken } from "../api/testing/server.ts";

const RBAC = "/apis/rbac.authorization.k8s.io/v1";
const SERVICE_ACCOUNTS = "/api/v1/namespaces/default/serviceaccounts";

const withUsers = (): Spoken => spoken({
  tokens: {
    "dev-token": { name: "dev", uid: "1", groups: ["developers"] },
    "nobody-token": { name: "nobody", uid: "2", groups: [] },
  },
});
const role = (name: string, rules: Loose[], more: Loose = {}): Loose => ({ metadata: { name, ...more.metadata }, rules, ...more });
const bind = (name: string, kind: string, to: string, subject: Loose): Loose => ({ metadata: { name }, roleRef: { apiGroup: "rbac.authorization.k8s.io", kind, name: to }, subjects: [subject] });
const group = (name: string): Loose => ({ kind: "Group", apiGroup: "rbac.authorization.k8s.io", name });

test("who is nobody, and who has no right token", () => {
  const { call } = withUsers();
  assert.equal(call("GET", "/version", undefined, {}, "").status, 200);
  const anonymous = call("GET", "/api/v1/pods", undefined, {}, "");
  assert.deepEqual([anonymous.status, anonymous.body.message], [403, 'pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" at the cluster scope']);
  const wrong = call("GET", "/version", undefined, {}, "wrong");
  assert.deepEqual([wrong.status, wrong.body.reason], [401, "Unauthorized"]);
});

test("roles of a namespace and of the cluster", () => {
  const { call } = withUsers();
  const get = (path: string): number => call("GET", path, undefined, {}, "dev-token").status;
  const denied = call("GET", "/api/v1/namespaces/default/configmaps/x", undefined, {}, "dev-token");
  assert.deepEqual([denied.status, denied.body.message], [403, 'configmaps "x" is forbidden: User "dev" cannot get resource "configmaps" in API group "" in the namespace "default"']);
  call("POST", `${RBAC}/namespaces/default/roles`, role("reader", [{ apiGroups: [""], resources: ["configmaps"], resourceNames: ["x"], verbs: ["get"] }, { apiGroups: [""], resources: ["pods/*"], verbs: ["*"] }]));
  call("POST", `${RBAC}/namespaces/default/rolebindings`, bind("reader", "Role", "reader", group("developers")));
  assert.deepEqual([get("/api/v1/namespaces/default/configmaps/x"), get("/api/v1/namespaces/default/configmaps/y"), get("/api/v1/namespaces/kube-system/configmaps/x")], [404, 403, 403]);
  assert.deepEqual([get("/api/v1/namespaces/default/pods"), get("/api/v1/namespaces/default/pods/p/status")], [403, 403]);
  call("POST", `${RBAC}/namespaces/kube-system/rolebindings`, bind("admin", "ClusterRole", "cluster-admin", { kind: "User", apiGroup: "rbac.authorization.k8s.io", name: "dev" }));
  assert.deepEqual([get("/api/v1/namespaces/kube-system/configmaps/x"), get("/api/v1/namespaces/kube-system/secrets"), get("/api/v1/configmaps")], [404, 200, 403]);
  assert.equal(call("DELETE", `${RBAC}/namespaces/default/rolebindings/reader`).status, 200);
  assert.equal(get("/api/v1/namespaces/default/configmaps/x"), 403);
});

test("nobody gives away what they don't have, unless allowed to", () => {
  const { call } = withUsers();
  const secrets = role("secrets", [{ apiGroups: [""], resources: ["secrets"], verbs: ["get"] }]);
  call("POST", `${RBAC}/clusterroles`, secrets);
  call("POST", `${RBAC}/clusterroles`, role("rbac", [{ apiGroups: ["rbac.authorization.k8s.io"], resources: ["roles", "rolebindings"], verbs: ["create", "update"] }]));
  call("POST", `${RBAC}/namespaces/default/rolebindings`, bind("rbac", "ClusterRole", "rbac", group("developers")));
  const asDev = (path: string, body: Loose): Loose => call("POST", `${RBAC}/namespaces/default/${path}`, body, {}, "dev-token");
  const escalated = asDev("roles", secrets);
  assert.equal(escalated.status, 403);
  assert.match(escalated.body.message, /user "dev" \(groups=\["developers" "system:authenticated"\]\) is attempting to grant RBAC permissions not currently held:\n\{APIGroups:\[""\], Resources:\["secrets"\], Verbs:\["get"\]\}$/);
  const taken = asDev("rolebindings", bind("mine", "ClusterRole", "secrets", group("developers")));
  assert.equal(taken.status, 403);
  call("POST", `${RBAC}/clusterroles`, role("free", [{ apiGroups: ["rbac.authorization.k8s.io"], resources: ["roles", "clusterroles"], verbs: ["bind", "escalate"] }]));
  call("POST", `${RBAC}/namespaces/default/rolebindings`, bind("free", "ClusterRole", "free", group("developers")));
  assert.equal(asDev("roles", secrets).status, 201);
  assert.equal(asDev("rolebindings", bind("mine", "ClusterRole", "secrets", group("developers"))).status, 201);
});

test("tokens of service accounts", () => {
  const { call, advance } = withUsers();
  call("POST", SERVICE_ACCOUNTS, { metadata: { name: "robot" } });
  const made = call("POST", `${SERVICE_ACCOUNTS}/robot/token`, { spec: { expirationSeconds: 3600 } });
  assert.equal(made.status, 201);
  const { token } = made.body.status;
  const whoAmI = (): Loose => call("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" }, {}, token);
  assert.equal(whoAmI().body.status.userInfo.username, "system:serviceaccount:default:robot");
  assert.deepEqual(whoAmI().body.status.userInfo.groups, ["system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated"]);
  const review = (): Loose => call("POST", "/apis/authentication.k8s.io/v1/tokenreviews", { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec: { token } }).body.status;
  assert.equal(review().authenticated, true);
  const [head, payload, signature] = token.split(".");
  assert.equal(call("GET", "/api", undefined, {}, `${head}.${payload}.${signature.slice(0, -2)}AA`).status, 401);
  assert.equal(call("GET", "/api", undefined, {}, `${head}.${payload.slice(0, -1)}.${signature}`).status, 401);
  advance(3_700_000);
  assert.equal(whoAmI().status, 401);
  const second = call("POST", `${SERVICE_ACCOUNTS}/robot/token`, { spec: {} }).body.status.token;
  call("DELETE", `${SERVICE_ACCOUNTS}/robot`);
  assert.equal(call("GET", "/api", undefined, {}, second).status, 401);
  assert.notEqual(review().authenticated, true);
});

test("speaking for others", () => {
  const { call } = withUsers();
  const whoAmI = (headers: { [name: string]: string }, token = "admin-token"): Loose => call("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" }, headers, token);
  assert.deepEqual(whoAmI({ "impersonate-user": "jane", "impersonate-group": "writers" }).body.status.userInfo, { username: "jane", groups: ["writers", "system:authenticated"] });
  const denied = whoAmI({ "impersonate-user": "jane" }, "dev-token");
  assert.equal(denied.status, 403);
  assert.match(denied.body.message, / is forbidden: User "dev" cannot impersonate/);
  assert.equal(call("GET", "/api/v1/pods", undefined, { "impersonate-user": "jane" }).status, 403);
});

test("reviews say what would be allowed", () => {
  const { call } = withUsers();
  const review = (spec: Loose, token?: string): Loose => call("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectAccessReview", spec }, {}, token).body.status;
  const pods = { resourceAttributes: { namespace: "default", verb: "list", resource: "pods" } };
  assert.equal(review(pods).allowed, true);
  assert.equal(review(pods, "nobody-token").allowed, false);
  const other = call("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", { apiVersion: "authorization.k8s.io/v1", kind: "SubjectAccessReview", spec: { ...pods, user: "x", groups: ["system:masters"] } });
  assert.equal(other.body.status.allowed, true);
});
