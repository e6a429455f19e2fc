/** CronJobs. */
import type { FieldErrors } from "../../api/field-errors.ts";
import { byteLength } from "../../api/names.ts";
import { kindRules } from "../define.ts";
import type { CronJob, CronJobSpec } from "../generated/types.ts";
import { dropSwitchedOff } from "../pod/prepare.ts";
import { templateRules } from "../pod/template.ts";
import { warnOfHostName } from "../pod/warnings.ts";
import { checkMetadata, checkMetadataUpdate, checkNonNegative, checkRequiredOneOf } from "../shared/checks.ts";
import { countChange } from "../shared/generation.ts";
import { complaintOfSchedule } from "./cron.ts";
import { checkJobSpec, setInnerDefaults, warnOfJobSpec } from "./job-spec.ts";
import { complaintOfZone } from "./time-zone.ts";

/** A Job's name is this one's with 11 characters behind it. */
const NAME_BYTES_MAX = 52;
const ZONE_PART = /^[A-Za-z.\-_0-9+]{1,14}$/;

const podOf = ({ spec }: CronJob) => spec?.jobTemplate?.spec?.template;

export const cronJob = kindRules<CronJob>(["batch", "v1", "CronJob"], {
  defaults({ spec }) {
    if (spec === undefined) return;
    spec.concurrencyPolicy ??= "Allow";
    spec.suspend ??= false;
    spec.successfulJobsHistoryLimit ??= 3;
    spec.failedJobsHistoryLimit ??= 1;
    setInnerDefaults((spec.jobTemplate ??= {}).spec ??= {});
  },
  create(created) {
    created.status = {};
    created.metadata.generation = 1;
    dropSwitchedOff(podOf(created)?.spec ?? {}, undefined);
  },
  update(next, old) {
    next.status = old.status;
    dropSwitchedOff(podOf(next)?.spec ?? {}, podOf(old)?.spec);
    countChange(next, old);
  },
  validate(created, errors) {
    checkMetadata(created.metadata, true, errors);
    checkSpec(created, undefined, errors);
    const { name = "" } = created.metadata;
    if (byteLength(name) > NAME_BYTES_MAX) errors.invalid("metadata.name", name, "must be no more than 52 characters");
  },
  validateUpdate(next, old, errors) {
    checkMetadataUpdate(next.metadata, old.metadata, errors);
    checkSpec(next, old, errors);
  },
  warn({ metadata, spec = {} }, old, context) {
    if (old === undefined) warnOfHostName(metadata.name, context);
    if (metadata.generation !== old?.metadata.generation) warnOfJobSpec(spec.jobTemplate?.spec ?? {}, "spec.jobTemplate.spec", context);
    if (old !== undefined && spec.schedule?.includes("TZ") === true) {
      context.warn("cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details");
    }
  },
  subresources: { status: { update(next, old) { next.spec = old.spec; }, validate: () => undefined } },
});

function checkSpec(next: CronJob, old: CronJob | undefined, errors: FieldErrors): void {
  const { spec = {} } = next;
  checkSchedule(spec, old?.spec?.schedule, errors);
  checkNonNegative(spec.startingDeadlineSeconds, "spec.startingDeadlineSeconds", errors);
  if (spec.timeZone !== undefined && spec.timeZone !== old?.spec?.timeZone) checkTimeZone(spec.timeZone, "spec.timeZone", errors);
  checkRequiredOneOf(spec.concurrencyPolicy, ["Allow", "Forbid", "Replace"], "spec.concurrencyPolicy", errors);
  const { selector, manualSelector } = spec.jobTemplate?.spec ?? {};
  const path = "spec.jobTemplate.spec";
  checkJobSpec(spec.jobTemplate?.spec ?? {}, path, templateRules(old === undefined ? undefined : podOf(old)), errors);
  if (selector !== undefined) errors.invalid(`${path}.selector`, selector, "`selector` will be auto-generated");
  if (manualSelector === true) errors.notSupported(`${path}.manualSelector`, true, ["nil", "false"]);
  checkNonNegative(spec.successfulJobsHistoryLimit, "spec.successfulJobsHistoryLimit", errors);
  checkNonNegative(spec.failedJobsHistoryLimit, "spec.failedJobsHistoryLimit", errors);
}

function checkSchedule({ schedule = "", timeZone }: CronJobSpec, old: string | undefined, errors: FieldErrors): void {
  const path = "spec.schedule";
  if (schedule === "") {
    errors.required(path);
    return;
  }
  const why = complaintOfSchedule(schedule, complaintOfZone);
  if (why !== undefined) errors.invalid(path, schedule, why);
  if (!schedule.includes("TZ")) return;
  if (old?.includes("TZ") !== true) errors.invalid(path, schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
  else if (timeZone !== undefined) errors.invalid(path, schedule, "cannot use both timeZone field and TZ or CRON_TZ in schedule");
}

function checkTimeZone(name: string, path: string, errors: FieldErrors): void {
  if (name === "") {
    errors.invalid(path, name, "timeZone must be nil or non-empty string");
    return;
  }
  if (name.split("/").some((part) => part === "." || part === ".." || part.startsWith("-") || !ZONE_PART.test(part))) {
    errors.invalid(path, name, `unknown time zone ${name}`);
    return;
  }
  if (name.toLowerCase() === "local") errors.invalid(path, name, "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones");
  const why = complaintOfZone(name);
  if (why !== undefined) errors.invalid(path, name, why);
}
