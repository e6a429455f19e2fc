/** Kubernetes objects from files, with errors for people. */
import { readFileSync } from "node:fs";
import { parseAllDocuments } from "yaml";
import type { KubeObject } from "../../bindings/protocol/types.ts";
import { CliError, EXIT, unreadable } from "./errors.ts";

/** Every document of a YAML or JSON file ("-": standard input) that isn't empty. Integers may be `bigint`. */
export function readObjects(file: string): KubeObject[] {
  const documents = parseAllDocuments(readText(file), { intAsBigInt: true });
  const found: KubeObject[] = [];
  for (const document of "empty" in documents ? [] : documents) {
    const error = document.errors[0];
    if (error !== undefined) throw new CliError(EXIT.usage, `${file}: ${error.message}`, { cause: error });
    const object = document.toJS() as KubeObject | null;
    if (object === null) continue;
    if (typeof object !== "object" || typeof object.apiVersion !== "string" || typeof object.kind !== "string") {
      throw new CliError(EXIT.usage, `${file} holds something that is no object: apiVersion and kind are missing`);
    }
    if (typeof object.metadata?.name !== "string" || object.metadata.name === "") throw new CliError(EXIT.usage, `${file}: metadata.name is missing`);
    found.push(object);
  }
  return found;
}

function readText(file: string): string {
  try {
    return readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (error) {
    throw new CliError(EXIT.usage, unreadable(file, error), { cause: error });
  }
}
