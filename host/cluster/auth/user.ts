/** Who is asking. */
export interface User {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: { readonly [key: string]: readonly string[] };
}

/** May do everything, whatever the roles say. */
export const MASTERS = "system:masters";
export const AUTHENTICATED = "system:authenticated";
export const UNAUTHENTICATED = "system:unauthenticated";

/** Who owns the cluster: the user of `toque start`'s kubeconfig. */
export const ADMIN: User = { name: "admin", uid: "admin", groups: [MASTERS, AUTHENTICATED] };
/** The API server's own parts: definitions made served, for one. */
export const APISERVER: User = { name: "system:kube-apiserver", groups: [MASTERS, AUTHENTICATED] };
export const ANONYMOUS: User = { name: "system:anonymous", groups: [UNAUTHENTICATED] };

export function serviceAccountUser(namespace: string, name: string, uid?: string): User {
  return {
    name: `system:serviceaccount:${namespace}:${name}`,
    groups: ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, AUTHENTICATED],
    ...(uid === undefined ? {} : { uid }),
  };
}
