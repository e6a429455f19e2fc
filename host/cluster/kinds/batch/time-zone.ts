/** Names of time zones, as far as the platform's own calendar knows them. */

/** Undefined for a known one; else what the real server's library says. */
export function complaintOfZone(name: string): string | undefined {
  if (name === "" || name === "UTC" || name === "Local") return undefined;
  if (name.includes("..") || name.startsWith("/") || name.includes("\\")) return "time: invalid location name";
  return isKnown(name) ? undefined : `unknown time zone ${name}`;
}
function isKnown(name: string): boolean {
  // "+01" is a zone to the platform alone.
  if (!/^[A-Z]/.test(name)) return false;
  try {
    const { timeZone } = new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions();
    // The platform doesn't tell upper from lower case.
    return timeZone.toLowerCase() !== name.toLowerCase() || timeZone === name;
  } catch {
    return false;
  }
}
