/**
 * The order in which an API server writes the fields of its built-in types. OpenAPI sorts them by name; a server writes
 * them as the Go structs have them, and a codec that expects that order reads faster. So the sources of `k8s.io/api` and
 * `k8s.io/apimachinery` are asked: the JSON names of a struct, one after another.
 */

/** The text of all Go files of a package, "k8s.io/api/core/v1"; undefined if there is no such package. */
export type GoPackage = (path: string) => string | undefined;

/** The fields of an OpenAPI component in their order, as far as there is a struct for it. "io.k8s.api.core.v1.Pod" */
export function goOrder(component: string, read: GoPackage): string[] {
  const path = component.split(".");
  const name = path.pop()!;
  if (path[0] !== "io" || path[1] !== "k8s") return [];
  return structOrder(read(["k8s.io", ...path.slice(2)].join("/")) ?? "", name);
}

function structOrder(source: string, name: string): string[] {
  const body = new RegExp(`^type ${name} struct \\{\\n([^]*?)^\\}`, "m").exec(source)?.[1] ?? "";
  return body.split("\n").flatMap((line) => {
    const json = /`[^`]*\bjson:"([^",]*)(,[^"]*)?"/.exec(line);
    if (json === null) return [];
    const [, field, options] = json;
    if (field !== "") return field === "-" ? [] : [field!];
    // Embedded: its fields stand in its place.
    const embedded = /^\s*(\w+)\s+`/.exec(line)?.[1];
    return options?.includes("inline") === true && embedded !== undefined ? structOrder(source, embedded) : [];
  });
}
