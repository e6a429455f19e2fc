/** Certificates and keys as text (RFC 7468), as far as their frames tell what is wrong with a pair. */
const BLOCK = /^-----BEGIN ([^\n]*)-----[ \t]*\r?\n[^]*?\r?\n-----END \1-----/gm;

function typesOf(text: string): string[] {
  return [...text.matchAll(BLOCK)].map(([, type = ""]) => type);
}

/** Undefined for a certificate and a key. Whether they belong together, and what is in them, is not looked at. */
export function complaintOfPair(certificate: string, key: string): string | undefined {
  const certificates = typesOf(certificate);
  if (certificates.length === 0) return "tls: failed to find any PEM data in certificate input";
  if (!certificates.includes("CERTIFICATE")) {
    if (certificates.length === 1 && certificates[0]!.endsWith("PRIVATE KEY")) return "tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched";
    return `tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [${certificates.join(" ")}]`;
  }
  const keys = typesOf(key);
  if (keys.length === 0) return "tls: failed to find any PEM data in key input";
  if (keys.some((each) => each === "PRIVATE KEY" || each.endsWith(" PRIVATE KEY"))) return undefined;
  if (keys.length === 1 && keys[0] === "CERTIFICATE") return "tls: found a certificate rather than a key in the PEM for the private key";
  return `tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: [${keys.join(" ")}]`;
}
