/** References of container images, as far as a default depends on them. */
const COMPONENT = "[a-z0-9]+(?:(?:[._]|__|[-]+)[a-z0-9]+)*";
const DOMAIN_PART = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const DOMAIN = `(?:${DOMAIN_PART}(?:\\.${DOMAIN_PART})*|\\[(?:[a-fA-F0-9:]+)\\])(?::[0-9]+)?`;
const REFERENCE = new RegExp(`^((?:${DOMAIN}/)?${COMPONENT}(?:/${COMPONENT})*)(?::([\\w][\\w.-]{0,127}))?(?:@([A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?$`);
const DIGEST_LENGTHS: { readonly [algorithm: string]: number } = { sha256: 64, sha384: 96, sha512: 128 };
const NAME_BYTES_MAX = 255;

/** Is it the newest that is asked for: the tag "latest", or neither tag nor digest? Never for what is no reference. */
export function isLatest(image: string): boolean {
  if (/^[a-f0-9]{64}$/.test(image)) return false;
  const { domain, remainder } = splitDomain(image);
  const found = REFERENCE.exec(`${domain}/${remainder}`);
  const colon = remainder.indexOf(":");
  const remote = colon === -1 ? remainder : remainder.slice(0, colon);
  if (found === null || remote !== remote.toLowerCase()) return false;
  const [, name = "", tag, digest] = found;
  if (name.length - domain.length - 1 > NAME_BYTES_MAX) return false;
  if (digest !== undefined) {
    const [algorithm, hex] = digest.split(":") as [string, string];
    if (DIGEST_LENGTHS[algorithm] !== hex.length || hex !== hex.toLowerCase()) return false;
  }
  return tag === "latest" || (tag === undefined && digest === undefined);
}

function splitDomain(image: string): { domain: string; remainder: string } {
  const slash = image.indexOf("/");
  const first = slash === -1 ? "" : image.slice(0, slash);
  const named = first !== "" && (/[.:]/.test(first) || first === "localhost" || first.toLowerCase() !== first);
  const domain = named ? (first === "index.docker.io" ? "docker.io" : first) : "docker.io";
  const remainder = named ? image.slice(slash + 1) : image;
  return { domain, remainder: domain === "docker.io" && !remainder.includes("/") ? `library/${remainder}` : remainder };
}
