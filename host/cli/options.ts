/** Option values from text. */
import { CliError, EXIT } from "./errors.ts";

export function wholeNumber(option: string, text: string, min: number): number {
  const value = Number(text);
  if (!/^[0-9]+$/.test(text) || value < min) throw new CliError(EXIT.usage, `${option} takes a whole number from ${min}, not '${text}'`);
  return value;
}
