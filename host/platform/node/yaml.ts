/**
 * The YAML parser, in a file of its own so that it is loaded when a kubeconfig is read and not before. (Imported lazily
 * by itself, a CommonJS package loses its named exports in a bundle.)
 */
export { parse } from "yaml";
