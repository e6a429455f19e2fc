/** Durations as Go writes them: "1h30m", "1.5s", "-300ms". */
const UNITS_MS: { readonly [unit: string]: number } = { ns: 1e-6, us: 1e-3, "µs": 1e-3, "μs": 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const NUMBER = /^(\d*)(\.(\d*))?/;
const UNIT = /^[^\d.]+/;

/** Milliseconds, or what is wrong with the text in Go's words. */
export function durationMs(text: string): number | { readonly wrong: string } {
  const invalid = { wrong: `time: invalid duration ${JSON.stringify(text)}` };
  const sign = text.startsWith("-") ? -1 : 1;
  let rest = /^[+-]/.test(text) ? text.slice(1) : text;
  if (rest === "0") return 0;
  if (rest === "") return invalid;
  let total = 0;
  while (rest !== "") {
    const [number, whole = "", , fraction = ""] = NUMBER.exec(rest)!;
    if (whole === "" && fraction === "") return invalid;
    rest = rest.slice(number.length);
    const unit = UNIT.exec(rest)?.[0];
    if (unit === undefined) return { wrong: `time: missing unit in duration ${JSON.stringify(text)}` };
    if (!Object.hasOwn(UNITS_MS, unit)) return { wrong: `time: unknown unit ${JSON.stringify(unit)} in duration ${JSON.stringify(text)}` };
    rest = rest.slice(unit.length);
    total += Number(`${whole === "" ? "0" : whole}.${fraction === "" ? "0" : fraction}`) * UNITS_MS[unit]!;
  }
  return sign * total;
}
