/**
 * Says what JSON must look like, and where it doesn't: a few combinators, small and fast enough for every plan of every pass.
 * A shape returns undefined for a value that fits, else what is wrong with it, the path included.
 */

/** `path` is where the value stands, for the message. */
export type Shape = (value: unknown, path: string) => string | undefined;

/** Checks `value`; one sentence about the first thing that is wrong, or undefined. */
export function check(shape: Shape, value: unknown, path: string): string | undefined {
  return shape(value, path);
}

const OPTIONAL = new WeakSet<Shape>();
/** A member of an object that may be left out. */
export function optional(shape: Shape): Shape {
  const marked: Shape = (value, path) => shape(value, path);
  OPTIONAL.add(marked);
  return marked;
}

export const anything: Shape = () => undefined;
export const truth: Shape = (value, path) => (typeof value === "boolean" ? undefined : expected("a boolean", value, path));

export function text(pattern?: RegExp): Shape {
  return (value, path) => {
    if (typeof value !== "string") return expected("a string", value, path);
    return pattern === undefined || pattern.test(value) ? undefined : `${path} may not be ${show(value)}`;
  };
}

/** An integer between `min` and `max`, both included. */
export function whole(min: number, max: number): Shape {
  return (value, path) => {
    if (typeof value !== "number" || !Number.isInteger(value)) return expected("an integer", value, path);
    return value >= min && value <= max ? undefined : `${path} is ${value}, outside of ${min} to ${max}`;
  };
}

export function constant(wanted: unknown): Shape {
  return (value, path) => (value === wanted ? undefined : expected(String(wanted), value, path));
}

export function oneOf(...wanted: string[]): Shape {
  return (value, path) => (typeof value === "string" && wanted.includes(value) ? undefined : expected(`one of ${wanted.join(", ")}`, value, path));
}

export function list(item: Shape): Shape {
  return (value, path) => {
    if (!Array.isArray(value)) return expected("a list", value, path);
    for (let n = 0; n < value.length; n++) {
      const wrong = item(value[n], `${path}[${n}]`);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  };
}

/** An object used as a map: any key. */
export function map(item: Shape): Shape {
  return (value, path) => {
    if (!isObject(value)) return expected("an object", value, path);
    for (const key of Object.keys(value)) {
      const wrong = item(value[key], `${path}.${key}`);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  };
}

/** An object with exactly these members. `open`: others may be there too. */
export function object(members: { [name: string]: Shape }, open = false): Shape {
  const shapes = Object.entries(members);
  return (value, path) => {
    if (!isObject(value)) return expected("an object", value, path);
    for (const [name, shape] of shapes) {
      // Own members only: what a prototype has was not in the JSON.
      const member = Object.hasOwn(value, name) ? value[name] : undefined;
      if (member === undefined) {
        if (OPTIONAL.has(shape)) continue;
        return `${path}.${name} is missing`;
      }
      const wrong = shape(member, `${path}.${name}`);
      if (wrong !== undefined) return wrong;
    }
    if (open) return undefined;
    const extra = Object.keys(value).find((name) => !Object.hasOwn(members, name));
    return extra === undefined ? undefined : `${path} has an unknown member ${show(extra)}`;
  };
}

/** Fits when one of the shapes does. The message is that of the shape that shares a member with the value, else of the last. */
export function either(...shapes: Shape[]): Shape {
  return (value, path) => {
    let wrong: string | undefined;
    for (const shape of shapes) {
      wrong = shape(value, path);
      if (wrong === undefined) return undefined;
    }
    return wrong;
  };
}

/** The shape chosen by the member `tag`: for unions. */
export function tagged(tag: string, shapes: { [value: string]: Shape }): Shape {
  return (value, path) => {
    if (!isObject(value)) return expected("an object", value, path);
    const found = value[tag];
    if (typeof found !== "string" || !Object.hasOwn(shapes, found)) return expected(`one of ${Object.keys(shapes).join(", ")}`, found, `${path}.${tag}`);
    return shapes[found]!(value, path);
  };
}

/** For shapes that contain themselves. */
export function lazy(make: () => Shape): Shape {
  let made: Shape | undefined;
  return (value, path) => (made ??= make())(value, path);
}

export function isObject(value: unknown): value is { [key: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function expected(what: string, value: unknown, path: string): string {
  return `${path} must be ${what}, not ${value === undefined ? "missing" : show(value)}`;
}

function show(value: unknown): string {
  if (typeof value === "bigint") return `${value}`;
  const shown = typeof value === "object" && value !== null ? (Array.isArray(value) ? "a list" : "an object") : JSON.stringify(value);
  return shown.length > 60 ? `${shown.slice(0, 60)}...` : shown;
}
