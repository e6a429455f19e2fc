/**
 * Who sends a request: by bearer token, or nobody in particular.
 */
import type { Platform } from "../../platform/platform.ts";
import { StatusError } from "../api/status-error.ts";
import type { Storage } from "../storage/storage.ts";
import { AUDIENCE, tokenUser } from "./tokens.ts";
import { ANONYMOUS, AUTHENTICATED, type User } from "./user.ts";

/** Tokens known from the start, beside those of ServiceAccounts. */
export type KnownTokens = ReadonlyMap<string, User>;

export interface Authentication { readonly storage: Storage; readonly platform: Platform; readonly tokens: KnownTokens }

/** Throws the 401 of a token that nobody has. */
export function authenticate(authentication: Authentication, headers: { readonly [name: string]: string }): User {
  const token = /^\s*bearer\s+(\S+)/i.exec(headers["authorization"] ?? "")?.[1];
  if (token === undefined) return ANONYMOUS;
  const found = userOfToken(authentication, token);
  if (found === undefined || !found.audiences.includes(AUDIENCE)) throw new StatusError(401, "Unauthorized", "Unauthorized");
  return found.user;
}

export function userOfToken({ storage, platform, tokens }: Authentication, token: string): { user: User; audiences: readonly string[] } | undefined {
  const known = tokens.get(token);
  if (known === undefined) return tokenUser(storage, platform, token);
  return { user: known.groups.includes(AUTHENTICATED) ? known : { ...known, groups: [...known.groups, AUTHENTICATED] }, audiences: [AUDIENCE] };
}
