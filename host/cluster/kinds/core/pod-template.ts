/** PodTemplates. */
import { kindRules } from "../define.ts";
import type { PodTemplate } from "../generated/types.ts";
import { setTemplateDefaults } from "../pod/defaults.ts";
import { dropSwitchedOff } from "../pod/prepare.ts";
import { checkTemplate, templateRules } from "../pod/template.ts";
import { warnOfTemplate } from "../pod/warnings.ts";
import { checkMetadata, checkMetadataUpdate } from "../shared/checks.ts";
import { equal } from "../shared/equal.ts";
import { countChange } from "../shared/generation.ts";

export const podTemplate = kindRules<PodTemplate>(["", "v1", "PodTemplate"], {
  defaults(template) { setTemplateDefaults(template.template ??= {}); },
  create({ metadata, template }) {
    metadata.generation = 1;
    dropSwitchedOff(template?.spec ?? {}, undefined);
  },
  update(next, old) {
    dropSwitchedOff(next.template?.spec ?? {}, old.template?.spec);
    countChange(next, old, !equal(next.template, old.template));
  },
  validate({ metadata, template = {} }, errors) {
    checkMetadata(metadata, true, errors);
    checkTemplate(template, "template", templateRules(undefined), errors);
  },
  validateUpdate(next, old, errors) {
    checkMetadataUpdate(next.metadata, old.metadata, errors);
    checkTemplate(next.template ?? {}, "template", templateRules(old.template), errors);
  },
  warn({ metadata, template = {} }, old, context) {
    if (metadata.generation !== old?.metadata.generation) warnOfTemplate(template, "template", context);
  },
});
