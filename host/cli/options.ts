/** Option values from text. */
import { CliError, EXIT } from "./errors.ts";

/** Of an option that may be repeated, each time with one namespace or several with commas: all of them, each once. */
export function namespaces(text: string, before: readonly string[] = []): string[] {
  const named = text.split(",").map((name) => name.trim());
  const wrong = named.find((name) => !/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name));
  if (wrong !== undefined) throw new CliError(EXIT.usage, `'${wrong}' can't be the name of a namespace: write them with commas between, or repeat the option`);
  return [...new Set([...before, ...named])];
}

export function wholeNumber(option: string, text: string, min: number): number {
  const value = Number(text);
  if (!/^[0-9]+$/.test(text) || value < min) throw new CliError(EXIT.usage, `${option} takes a whole number from ${min}, not '${text}'`);
  return value;
}
