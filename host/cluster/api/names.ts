/**
 * The formats of names, labels and keys, as predicates in the real server's words: each returns the complaints about a
 * value, none for a good one. Lengths are those of the UTF-8 text.
 */
export type Complaints = readonly string[];
export type NameRule = (name: string, prefix: boolean) => Complaints;

export const FINE: Complaints = [];

const LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const LABEL_UNDERSCORE = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
const SUBDOMAIN_UNDERSCORE = `${LABEL_UNDERSCORE}(\\.${LABEL_UNDERSCORE})*`;
const LABEL_1035 = "[a-z]([-a-z0-9]*[a-z0-9])?";
const LABEL_KEY = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";

const whole = (pattern: string, flags = ""): RegExp => new RegExp(`^${pattern}$`, flags);
const labelPattern = whole(LABEL);
const subdomainPattern = whole(SUBDOMAIN);
const caselessSubdomainPattern = whole(SUBDOMAIN, "i");
const underscoreSubdomainPattern = whole(SUBDOMAIN_UNDERSCORE);
const label1035Pattern = whole(LABEL_1035);
const wildcardPattern = whole(`\\*\\.${SUBDOMAIN}`);
const labelKeyPattern = whole(LABEL_KEY);
const labelValuePattern = whole(`(${LABEL_KEY})?`);
const cIdentifierPattern = /^[A-Za-z_][A-Za-z0-9_]*$/;
const configKeyPattern = /^[-._a-zA-Z0-9]+$/;
const envNamePattern = /^[\x20-\x3c\x3e-\x7e]*$/;
const headerPattern = /^[-A-Za-z0-9]+$/;
const percentPattern = /^[0-9]+%$/;

/** "must ... (e.g. 'a', or 'b', regex used for validation is 'x')". */
export function patternComplaint(what: string, pattern: string, ...examples: string[]): string {
  const shown = examples.length === 0 ? "" : `e.g. ${examples.map((each) => `'${each}', `).join(" or ")}`;
  return `${what} (${shown}regex used for validation is '${pattern}')`;
}
export function rangeComplaint(min: number, max: number): string {
  return `must be between ${min} and ${max}, inclusive`;
}

/** Length in UTF-8. */
export function byteLength(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    // A surrogate pair is four bytes in two units.
    length += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2;
  }
  return length;
}
export function longerThan(text: string, bytesMax: number): boolean {
  return text.length > bytesMax || (text.length * 3 > bytesMax && byteLength(text) > bytesMax);
}

function check(value: string, pattern: RegExp, bytesMax: number, complain: () => string, unit = "characters"): Complaints {
  const long = longerThan(value, bytesMax);
  const fits = pattern.test(value);
  if (!long && fits) return FINE;
  return [...long ? [`must be no more than ${bytesMax} ${unit}`] : [], ...fits ? [] : [complain()]];
}

const SUBDOMAIN_WORDS = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";

export function dnsLabel(value: string): Complaints {
  return check(value, labelPattern, 63, () => subdomainPattern.test(value) ? "must not contain dots" : patternComplaint(
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character", LABEL, "my-name", "123-abc"));
}
export function dnsSubdomain(value: string, unit = "characters"): Complaints {
  return check(value, subdomainPattern, 253, () => patternComplaint(SUBDOMAIN_WORDS, SUBDOMAIN, "example.com"), unit);
}
/** Upper case is let in: driver names of CSI. */
export function dnsSubdomainCaseless(value: string): Complaints {
  return check(value, caselessSubdomainPattern, 253, () => patternComplaint(
    "an RFC 1123 subdomain must consist of alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character", SUBDOMAIN, "Example.com"), "bytes");
}
export function dnsSubdomainWithUnderscore(value: string): Complaints {
  return check(value, underscoreSubdomainPattern, 253, () => patternComplaint(
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character", SUBDOMAIN_UNDERSCORE, "example.com"));
}
export function dns1035Label(value: string): Complaints {
  return check(value, label1035Pattern, 63, () => patternComplaint(
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character", LABEL_1035, "my-name", "abc-123"));
}
export function wildcardSubdomain(value: string): Complaints {
  return check(value, wildcardPattern, 253, () => patternComplaint(
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
    `\\*\\.${SUBDOMAIN}`, "*.example.com"));
}

const KEY_WORDS = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

/** Keys of labels; also finalizers, conditions and whatever else is a "qualified name". */
export function labelKey(value: string): Complaints {
  if (value.length <= 63 && labelKeyPattern.test(value)) return FINE;
  const parts = value.split("/");
  const rule = (): string => patternComplaint(KEY_WORDS, LABEL_KEY, "MyName", "my.name", "123-abc");
  if (parts.length > 2) return [`a valid label key ${rule()} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  const found: string[] = [];
  const name = parts[parts.length - 1]!;
  if (parts.length === 2) {
    if (parts[0] === "") found.push("prefix part must be non-empty");
    else for (const complaint of dnsSubdomain(parts[0]!, "bytes")) found.push(`prefix part ${complaint}`);
  }
  if (name === "") found.push("name part must be non-empty");
  else if (longerThan(name, 63)) found.push("name part must be no more than 63 bytes");
  if (!labelKeyPattern.test(name)) found.push(`name part ${rule()}`);
  return found;
}
export function labelValue(value: string): Complaints {
  return check(value, labelValuePattern, 63, () => patternComplaint(
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
    `(${LABEL_KEY})?`, "MyValue", "my_value", "12345"), "bytes");
}
/** Keys of ConfigMaps and Secrets. */
export function configKey(value: string): Complaints {
  const found = check(value, configKeyPattern, 253, () => patternComplaint(
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.'", "[-._a-zA-Z0-9]+", "key.name", "KEY_NAME", "key-name"));
  return value.charCodeAt(0) === 0x2e ? [...found, ...dots(value)] : found;
}
function dots(value: string): Complaints {
  if (value === "." || value === "..") return [`must not be '${value}'`];
  return value.startsWith("..") ? ["must not start with '..'"] : FINE;
}
export function envName(value: string): Complaints {
  if (value === "") return ["environment variable name must be non-empty"];
  return envNamePattern.test(value) ? FINE : ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
}
export function cIdentifier(value: string): Complaints {
  return cIdentifierPattern.test(value) ? FINE : [patternComplaint(
    "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'", "[A-Za-z_][A-Za-z0-9_]*", "my_name", "MY_NAME", "MyName")];
}
export function headerName(value: string): Complaints {
  return headerPattern.test(value) ? FINE : [patternComplaint("a valid HTTP header must consist of alphanumeric characters or '-'", "[-A-Za-z0-9]+", "X-Header-Name")];
}
export function percent(value: string): Complaints {
  return percentPattern.test(value) ? FINE : [patternComplaint("a valid percent string must be a numeric string followed by an ending '%'", "[0-9]+%", "1%", "93%")];
}
/** IANA service names, as ports bear them. */
export function portName(value: string): Complaints {
  const found: string[] = [];
  if (longerThan(value, 15)) found.push("must be no more than 15 characters");
  if (!/^[-a-z0-9]+$/.test(value)) found.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  if (!/[a-z]/.test(value)) found.push("must contain at least one letter (a-z)");
  if (value.includes("--")) found.push("must not contain consecutive hyphens");
  if (value.startsWith("-") || value.endsWith("-")) found.push("must not begin or end with a hyphen");
  return found;
}
export function portNumber(value: number): Complaints {
  return value >= 1 && value <= 65_535 ? FINE : [rangeComplaint(1, 65_535)];
}
/** User and group numbers. */
export function idNumber(value: number | bigint): Complaints {
  return value >= 0 && value <= 2_147_483_647 ? FINE : [rangeComplaint(0, 2_147_483_647)];
}
/** What the URL of an object can hold. */
export function pathSegment(value: string, prefix: boolean): Complaints {
  if (!prefix && (value === "." || value === "..")) return [`may not be '${value}'`];
  return ["/", "%"].filter((each) => value.includes(each)).map((each) => `may not contain '${each}'`);
}

/** A prefix may end in a dash: something follows it. */
function masked(name: string, prefix: boolean): string {
  return prefix && name.length > 1 && name.endsWith("-") ? `${name.slice(0, -2)}a` : name;
}
export const subdomainName: NameRule = (name, prefix) => dnsSubdomain(masked(name, prefix));
export const labelName: NameRule = (name, prefix) => dnsLabel(masked(name, prefix));
export const label1035Name: NameRule = (name, prefix) => dns1035Label(masked(name, prefix));
