/** When images are pulled. */
import type { FieldErrors } from "../../api/field-errors.ts";
import { checkRequiredOneOf } from "../shared/checks.ts";
import { isLatest } from "../shared/image.ts";

const POLICIES = ["Always", "IfNotPresent", "Never"];

export function checkPullPolicy(policy: string | undefined, path: string, errors: FieldErrors): void {
  checkRequiredOneOf(policy, POLICIES, path, errors);
}
/** What a client that names no policy gets: a tag that moves is always looked up anew. */
export function defaultPullPolicy(image: string | undefined): string {
  return isLatest(image ?? "") ? "Always" : "IfNotPresent";
}
