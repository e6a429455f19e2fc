/** Which texts YAML would read as something else than a text, as Go's library does. */

const WORDS = new Set([
  "", "~", "null", "Null", "NULL", "y", "Y", "yes", "Yes", "YES", "n", "N", "no", "No", "NO", "true", "True", "TRUE", "false", "False", "FALSE",
  "on", "On", "ON", "off", "Off", "OFF", ".nan", ".NaN", ".NAN",
  ...["", "+", "-"].flatMap((sign) => ["inf", "Inf", "INF"].map((word) => `${sign}.${word}`)),
]);
const INTEGER_MAX = 2n ** 64n - 1n;
const INTEGER = /^[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]*|[1-9][0-9]*)$/;
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
/** Read as a number by older readers. */
const BASE_60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;
const TIME = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt]| )(\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?(Z|[-+]\d\d:\d\d)?)?$/;

/** Written without quotes, the text reads back as itself. */
export function isPlain(text: string): boolean {
  if (WORDS.has(text) || BASE_60.test(text)) return false;
  if (!/^[-+.0-9]/.test(text)) return true;
  const number = text.replaceAll("_", "");
  return !isInteger(number) && !(FLOAT.test(number) && Number.isFinite(Number(number))) && !isTime(text);
}

/** Of 64 bits: more than that no reader takes for a number, unless for a float. */
function isInteger(text: string): boolean {
  if (!INTEGER.test(text)) return false;
  const digits = text.replace(/^[-+]/, "").replace(/^0(?=[0-7])/, "0o");
  return BigInt(digits) <= INTEGER_MAX;
}

function isTime(text: string): boolean {
  const found = TIME.exec(text);
  if (found === null) return false;
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map((each) => Number(each ?? 0)) as [number, number, number, number, number, number];
  const days = month >= 1 && month <= 12 ? new Date(Date.UTC(year, month, 0)).getUTCDate() : 0;
  const spaced = text.includes(" ");
  const zoned = found[7] !== undefined;
  return day >= 1 && day <= days && hour < 24 && minute < 60 && second < 60 && (found[4] === undefined || spaced !== zoned);
}
