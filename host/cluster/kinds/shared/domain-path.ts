/** Names with a domain before them: "example.com/name". */
import type { FieldErrors } from "../../api/field-errors.ts";
import { dnsSubdomain, patternComplaint } from "../../api/names.ts";
import { complain } from "./checks.ts";

const PATH = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";
const pathPattern = new RegExp(`^${PATH}$`);

export function checkDomainPath(name: string, path: string, errors: FieldErrors): void {
  const slash = name.indexOf("/");
  const [host, rest] = [name.slice(0, slash), name.slice(slash + 1)];
  if (name === "") errors.required(path);
  else if (slash <= 0 || rest === "") errors.invalid(path, name, "must be a domain-prefixed path (such as \"acme.io/foo\")");
  else {
    complain(errors, path, host, dnsSubdomain(host));
    if (!pathPattern.test(rest)) errors.invalid(path, rest, patternComplaint("Invalid path", PATH));
  }
}
