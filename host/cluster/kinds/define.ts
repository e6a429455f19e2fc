/**
 * How a kind states its rules: plain functions on its own type. `strategyOf` makes of them the `Strategy` that the
 * machinery calls.
 */
import type { FieldErrors } from "../api/field-errors.ts";
import type { ClusterObject, Metadata } from "../model.ts";
import type { Conversion, Strategy, StrategyContext } from "./kind.ts";

/** What a subresource writes ("status", "resize"), as far as it has rules of its own. */
export interface SubresourceRules<T> {
  /** Takes back from the old object what this subresource may not change. */
  update(object: T, old: T, context: StrategyContext): void;
  validate(object: T, old: T, errors: FieldErrors, context: StrategyContext): void;
  warn?(object: T, old: T, context: StrategyContext): void;
}

export interface Rules<T> {
  defaults?(object: T): void;
  create?(object: T, context: StrategyContext): void;
  update?(object: T, old: T, context: StrategyContext): void;
  validate(object: T, errors: FieldErrors, context: StrategyContext): void;
  validateUpdate(object: T, old: T, errors: FieldErrors, context: StrategyContext): void;
  /** Tells the client what is right but not wise. Only for what nothing is wrong with; `old` is undefined for new objects. */
  warn?(object: T, old: T | undefined, context: StrategyContext): void;
  /** The last touch, when nothing is wrong. */
  canonicalize?(object: T): void;
  readonly subresources?: { readonly [name: string]: SubresourceRules<T> };
  /** Default: true. */
  readonly unconditionalUpdate?: boolean;
  /** Default: false. */
  readonly createOnUpdate?: boolean;
  gracePeriodSeconds?(object: T, asked: number | undefined): number | undefined;
  readonly orphansByDefault?: true;
  readonly deletionWarning?: string;
  readonly initialFinalizers?: readonly string[];
}

/** One kind, as it is before the facts of the schema are joined to it. */
export interface KindRules {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly strategy: Strategy;
  readonly selectable: { readonly [path: string]: (object: ClusterObject) => string };
  readonly convert?: Conversion;
  readonly warning?: string;
  readonly storedAs?: string;
}

/** A whole object of one kind. The cast from `ClusterObject` is made here, once: decoding has seen to the types. */
type Whole = { metadata: Metadata };

export function strategyOf<T extends Whole>(rules: Rules<T>): Strategy {
  const as = (object: ClusterObject): T => object as unknown as T;
  const sub = (context: StrategyContext): SubresourceRules<T> | undefined => context.subresource === undefined ? undefined : rules.subresources?.[context.subresource];
  const { gracePeriodSeconds } = rules;
  return {
    setDefaults: (object) => rules.defaults?.(as(object)),
    prepareForCreate: (object, context) => rules.create?.(as(object), context),
    prepareForUpdate: (object, old, context) => (sub(context)?.update ?? rules.update)?.(as(object), as(old), context),
    validate(object, errors, context) {
      rules.validate(as(object), errors, context);
      if (!errors.empty) return;
      rules.warn?.(as(object), undefined, context);
      rules.canonicalize?.(as(object));
    },
    validateUpdate(object, old, errors, context) {
      const own = sub(context);
      (own?.validate ?? rules.validateUpdate)(as(object), as(old), errors, context);
      if (!errors.empty) return;
      if (own === undefined) rules.warn?.(as(object), as(old), context);
      else own.warn?.(as(object), as(old), context);
      rules.canonicalize?.(as(object));
    },
    unconditionalUpdate: rules.unconditionalUpdate ?? true,
    createOnUpdate: rules.createOnUpdate ?? false,
    ...gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds: (object, asked) => gracePeriodSeconds(as(object), asked) },
    ...rules.orphansByDefault === undefined ? {} : { orphansByDefault: rules.orphansByDefault },
    ...rules.deletionWarning === undefined ? {} : { deletionWarning: rules.deletionWarning },
    ...rules.initialFinalizers === undefined ? {} : { initialFinalizers: rules.initialFinalizers },
  };
}

export function kindRules<T extends Whole>(
  [group, version, kind]: readonly [group: string, version: string, kind: string], rules: Rules<T>,
  shown: { selectable?: { readonly [path: string]: (object: T) => string } } & Pick<KindRules, "convert" | "warning" | "storedAs"> = {},
): KindRules {
  const selectable = (shown.selectable ?? {}) as unknown as KindRules["selectable"];
  return { ...shown, group, version, kind, strategy: strategyOf(rules), selectable };
}
