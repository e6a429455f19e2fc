/**
 * Questions about access and identity, asked by creating an object that is never stored and comes back with its answer.
 */
import { FieldErrors } from "../api/field-errors.ts";
import type { Scope } from "../api/scope.ts";
import { badRequest } from "../api/status-error.ts";
import type { ClusterObject, Json, JsonObject } from "../model.ts";
import { userOfToken, type Authentication } from "./authenticate.ts";
import type { Authorizer } from "./authorizer.ts";
import type { Attributes, Rule } from "./rules.ts";
import { AUDIENCE } from "./tokens.ts";
import type { User } from "./user.ts";

export interface Reviewing { readonly authorizer: Authorizer; readonly authentication: Authentication }

/** `resource` is one that is only created, never stored. Returns what is answered. */
export function review(scope: Scope, object: ClusterObject, { authorizer, authentication }: Reviewing): ClusterObject {
  switch (scope.kind.kind) {
    case "SelfSubjectAccessReview": return accessReview(object, authorizer, scope.user);
    case "SubjectAccessReview": return accessReview(object, authorizer, undefined);
    case "LocalSubjectAccessReview": return accessReview(object, authorizer, undefined, scope.namespace);
    case "SelfSubjectRulesReview": return rulesReview(object, authorizer, scope.user);
    case "SelfSubjectReview": return { ...object, metadata: { creationTimestamp: scope.now } as ClusterObject["metadata"], status: { userInfo: userInfo(scope.user) } };
    case "TokenReview": return tokenReview(object, authentication);
    default: throw new Error(`nobody reviews a ${scope.kind.kind}`);
  }
}

/** True for kinds that come back with an answer. */
export function isReview({ group, kind }: { readonly group: string; readonly kind: string }): boolean {
  return (group === "authorization.k8s.io" || group === "authentication.k8s.io") && kind.endsWith("Review");
}

interface AccessSpec {
  resourceAttributes?: { namespace?: string; verb?: string; group?: string; resource?: string; subresource?: string; name?: string };
  nonResourceAttributes?: { path?: string; verb?: string };
  user?: string;
  uid?: string;
  groups?: string[];
  extra?: { [key: string]: string[] };
}

/** `self`: who asks for himself; undefined: for the user named. `namespace`: the only one that may be asked about. */
function accessReview(object: ClusterObject, authorizer: Authorizer, self: User | undefined, namespace?: string): ClusterObject {
  const spec = (object["spec"] ?? {}) as AccessSpec;
  checkAccess(object, spec, self === undefined, namespace);
  const user: User = self ?? { name: spec.user ?? "", groups: spec.groups ?? [] };
  const { allowed, reason } = authorizer.decide(user, attributesOf(spec));
  return { ...object, status: { allowed, ...(reason === "" ? {} : { reason }) } };
}

function attributesOf({ resourceAttributes, nonResourceAttributes }: AccessSpec): Attributes {
  if (resourceAttributes === undefined) return { verb: nonResourceAttributes?.verb ?? "", path: nonResourceAttributes?.path ?? "", resource: undefined };
  const { verb = "", group = "", resource = "", subresource = "", namespace = "", name = "" } = resourceAttributes;
  return { verb, path: "", resource: { group, resource, subresource, namespace, name } };
}

function checkAccess(object: ClusterObject, spec: AccessSpec, named: boolean, namespace: string | undefined): void {
  const errors = new FieldErrors();
  const { resourceAttributes, nonResourceAttributes } = spec;
  if (resourceAttributes !== undefined && nonResourceAttributes !== undefined) {
    errors.invalid("spec.nonResourceAttributes", goNames(nonResourceAttributes), "cannot be specified in combination with resourceAttributes");
  }
  if (resourceAttributes === undefined && nonResourceAttributes === undefined) {
    errors.invalid("spec.resourceAttributes", null, "exactly one of nonResourceAttributes or resourceAttributes must be specified");
  }
  if (named && (spec.user ?? "") === "" && (spec.groups?.length ?? 0) === 0) errors.invalid("spec.user", spec.user ?? "", "at least one of user or group must be specified");
  const { managedFields: _, namespace: own, ...rest } = object.metadata;
  if (Object.keys(rest).length > 0) errors.invalid("metadata", object.metadata as unknown as Json, "must be empty");
  if (namespace !== undefined) {
    if (resourceAttributes !== undefined && (resourceAttributes.namespace ?? "") !== (own ?? "")) errors.invalid("spec.resourceAttributes.namespace", resourceAttributes.namespace ?? "", "must match metadata.namespace");
    if (nonResourceAttributes !== undefined) errors.invalid("spec.nonResourceAttributes", goNames(nonResourceAttributes), "disallowed on this kind of request");
  }
  if (!errors.empty) throw errors.toStatusError("authorization.k8s.io", "", "");
}

function goNames({ path = "", verb = "" }: { path?: string; verb?: string }): JsonObject { return { Path: path, Verb: verb }; }

function rulesReview(object: ClusterObject, authorizer: Authorizer, user: User): ClusterObject {
  const namespace = (object["spec"] as { namespace?: string } | undefined)?.namespace ?? "";
  if (namespace === "") throw badRequest("no namespace on request");
  const { rules, missing } = authorizer.rulesFor(user, namespace);
  const resourceRules = rules.filter(({ resources = [] }) => resources.length > 0).map(({ verbs, apiGroups, resources, resourceNames }) => withoutEmpty({ verbs, apiGroups, resources, resourceNames }));
  const nonResourceRules = rules.filter(({ nonResourceURLs = [] }) => nonResourceURLs.length > 0).map(({ verbs, nonResourceURLs }) => withoutEmpty({ verbs, nonResourceURLs }));
  const { kind, apiVersion } = object;
  return {
    kind, apiVersion, metadata: {} as ClusterObject["metadata"], spec: {},
    status: { resourceRules, nonResourceRules, incomplete: missing.length > 0, ...(missing.length === 0 ? {} : { evaluationError: missing.join(", ") }) },
  };
}

function withoutEmpty(rule: { [part in keyof Rule]?: readonly string[] | undefined }): JsonObject {
  return Object.fromEntries(Object.entries(rule).filter(([, values]) => values !== undefined && values.length > 0)) as JsonObject;
}

function tokenReview(object: ClusterObject, authentication: Authentication): ClusterObject {
  const { token = "", audiences = [] } = (object["spec"] ?? {}) as { token?: string; audiences?: string[] };
  if (token === "") throw badRequest("token is required for TokenReview in authentication");
  const found = userOfToken(authentication, token);
  const wanted = audiences.length === 0 ? [AUDIENCE] : audiences;
  const common = found?.audiences.filter((each) => wanted.includes(each)) ?? [];
  if (found === undefined) return { ...object, status: { user: {}, error: "invalid bearer token" } };
  if (common.length === 0) return { ...object, status: { user: {}, error: "token audiences don't match" } };
  return { ...object, status: { authenticated: true, user: userInfo(found.user), audiences: common } };
}

function userInfo({ name, uid, groups, extra }: User): JsonObject {
  return {
    username: name, ...(uid === undefined ? {} : { uid }), groups: [...groups],
    ...(extra === undefined ? {} : { extra: Object.fromEntries(Object.entries(extra).map(([key, values]) => [key, [...values]])) }),
  };
}
