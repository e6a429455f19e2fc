/**
 * In what form a client wants its answer: JSON or YAML, the object whole, its metadata only, or rows of a table.
 */
import { StatusError } from "./status-error.ts";

export type Transform = "Table" | "PartialObjectMetadata" | "PartialObjectMetadataList";

export interface Output {
  readonly media: "json" | "yaml";
  /** Undefined: as it is. */
  readonly as: Transform | undefined;
  /** "v1", "v1beta1": of `as`. */
  readonly version: string;
  readonly pretty: boolean;
}

const PLAIN: Output = { media: "json", as: undefined, version: "v1", pretty: false };
const PRETTY: Output = { ...PLAIN, pretty: true };

const MEDIA_TYPES = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"];
const STREAMS = ["application/json;stream=watch", "application/vnd.kubernetes.protobuf;stream=watch"];
/** What bodies may be; patches have types of their own. */
export const BODY_TYPES = MEDIA_TYPES;

interface Clause { readonly type: string; readonly subtype: string; readonly q: number; readonly parameters: ReadonlyMap<string, string> }

/** By preference: quality first, then what is more exact. */
function parseAccept(header: string): Clause[] {
  const clauses = header.split(",").map((part): Clause => {
    const [media, ...rest] = part.split(";").map((piece) => piece.trim()) as [string, ...string[]];
    const parameters = new Map<string, string>();
    let q = 1;
    for (const each of rest) {
      const equals = each.indexOf("=");
      const [name, value] = equals === -1 ? [each, ""] : [each.slice(0, equals), each.slice(equals + 1)];
      if (name === "q") q = Number(value) || 0;
      else parameters.set(name, value);
    }
    const slash = media.indexOf("/");
    return { type: slash === -1 ? media : media.slice(0, slash), subtype: slash === -1 ? (media === "*" ? "*" : "") : media.slice(slash + 1), q, parameters };
  });
  const vague = ({ type, subtype }: Clause): number => (type === "*" ? 2 : subtype === "*" ? 1 : 0);
  return clauses.sort((a, b) => b.q - a.q || vague(a) - vague(b));
}

/** `transforms`: the resource can be shown as a table or by its metadata. Throws the 406. */
export function negotiate(accept: string | undefined, transforms: boolean, streamed = false): Output {
  const output = accept === undefined || accept === "" ? PLAIN : accept === "application/json" ? PLAIN : choose(parseAccept(accept), transforms);
  if (output === undefined || (streamed && output.media === "yaml")) throw notAcceptable(`only the following media types are accepted: ${(streamed ? STREAMS : MEDIA_TYPES).join(", ")}`);
  return output;
}

/** True when the client would rather have all of discovery at once. */
export function wantsAggregated(accept: string | undefined): boolean {
  if (accept === undefined || !accept.includes("APIGroupDiscoveryList")) return false;
  for (const clause of parseAccept(accept)) {
    if (!matches(clause, "json")) continue;
    const { parameters } = clause;
    if (!parameters.has("as") && !parameters.has("g") && !parameters.has("v")) return false;
    if (parameters.get("as") === "APIGroupDiscoveryList" && parameters.get("g") === "apidiscovery.k8s.io" && parameters.get("v") === "v2") return true;
  }
  return false;
}

/** For an error, which goes out in some form whatever was asked for. */
export function negotiateError(accept: string | undefined): Output {
  return accept === undefined || accept === "" ? PLAIN : choose(parseAccept(accept), false) ?? PRETTY;
}

export function notAcceptable(message: string): StatusError {
  return new StatusError(406, "NotAcceptable", message);
}

function choose(clauses: readonly Clause[], transforms: boolean): Output | undefined {
  for (const clause of clauses) {
    for (const media of ["json", "yaml"] as const) {
      const found = matches(clause, media) ? outputOf(clause, media, transforms) : undefined;
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function matches({ type, subtype }: Clause, media: string): boolean {
  return (type === "application" && (subtype === media || subtype === "*")) || (type === "*" && subtype === "*");
}

function outputOf({ parameters }: Clause, media: "json" | "yaml", transforms: boolean): Output | undefined {
  const [kind, group, version] = [parameters.get("as"), parameters.get("g"), parameters.get("v")];
  if (parameters.has("sv") && parameters.get("sv") !== "" && parameters.get("sv") !== "v1") return undefined;
  const stream = parameters.get("stream") ?? "";
  if (stream !== "" && (stream !== "watch" || media === "yaml")) return undefined;
  const pretty = parameters.get("pretty") === "1";
  if (kind === undefined && group === undefined && version === undefined) return { media, as: undefined, version: "v1", pretty };
  const known = kind === "Table" || kind === "PartialObjectMetadata" || kind === "PartialObjectMetadataList";
  if (!transforms || !known || group !== "meta.k8s.io" || (version !== "v1" && version !== "v1beta1")) return undefined;
  return { media, as: kind, version, pretty };
}

/** What built-in resources refuse before they look any closer: parameters don't count here. */
export function checkRouteAccepts(accept: string | undefined, streams: boolean, text = false): void {
  if (accept === undefined || accept === "") return;
  const produced = text ? ["text/plain", ...MEDIA_TYPES] : MEDIA_TYPES;
  for (const part of accept.split(",")) {
    const media = part.split(";", 1)[0]!.trim();
    if (media === "*/*" || produced.includes(media)) return;
  }
  const offered = streams ? [...produced, ...STREAMS] : produced;
  throw new StatusError(406, "NotAcceptable", `406: Not Acceptable\n\nAvailable representations: ${offered.join(", ")}`, {});
}

/** "application/json" of "application/json; charset=utf-8". */
export function mediaTypeOf(contentType: string | undefined): string {
  return (contentType ?? "").split(";", 1)[0]!.trim().toLowerCase();
}

export function unsupportedMediaType(accepted: readonly string[]): StatusError {
  return new StatusError(415, "UnsupportedMediaType", `the body of the request was in an unknown format - accepted media types include: ${accepted.join(", ")}`);
}
