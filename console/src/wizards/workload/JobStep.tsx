/** Policy of a job, and when a cron job makes one. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { nextRuns, parseCron } from "@/lib/cron";
import { type Place, useAt, useMaking } from "../engine/form";
import { FlagAt, Fold, NumberAt, PickAt, Problem, Row, SuggestAt } from "../fields";
import styles from "../fields/Layout.module.css";
import { get } from "../model/path";
import { jobOf, podOf } from "./model";

export function JobStep() {
  const { t } = useLingui();
  const { docs, editing } = useMaking();
  const workload = docs[0]!;
  const { kind } = workload;
  const job = (...path: string[]): Place => ({ path: [...jobOf(kind), ...path] });
  const fixed = editing && kind === "Job";
  const [wanted, together] = ["completions", "parallelism"].map((name) => get<number>(workload, [...jobOf(kind), name]) ?? 1);
  const restarts = [
    { value: "Never", label: t`A new pod` },
    { value: "OnFailure", label: t`The container again, in the same pod` },
  ];
  return (
    <>
      {kind === "CronJob" && <ScheduleFields />}
      <Row>
        <NumberAt at={job("backoffLimit")} min={0} disabled={fixed} label={<Trans>Tries after failures</Trans>} placeholder="6" />
        <PickAt at={{ path: [...podOf(kind), "restartPolicy"] }} data={restarts} disabled={fixed} label={<Trans>After a failure</Trans>} />
      </Row>
      <Fold title={<Trans>Amount and time</Trans>} summary={<Trans>{wanted} wanted, {together} at a time</Trans>} holds={["completions", "parallelism", "activeDeadlineSeconds", "ttlSecondsAfterFinished"].map((name) => job(name))}>
        <Row>
          <NumberAt at={job("completions")} min={1} disabled={fixed} label={<Trans>Successes wanted</Trans>} placeholder="1" />
          <NumberAt at={job("parallelism")} min={0} label={<Trans>At the same time</Trans>} placeholder="1" />
          <PickAt at={job("completionMode")} data={[{ value: "NonIndexed", label: t`Any` }, { value: "Indexed", label: t`Each with its number` }]} fallback="NonIndexed" disabled={fixed} label={<Trans>Successes counted</Trans>} />
        </Row>
        <Row>
          <NumberAt at={job("activeDeadlineSeconds")} min={1} suffix=" s" label={<Trans>Stopped after</Trans>} placeholder={t`never`} />
          <NumberAt at={job("ttlSecondsAfterFinished")} min={0} suffix=" s" label={<Trans>Deleted after its end</Trans>} placeholder={t`never`} />
        </Row>
      </Fold>
    </>
  );
}

const USUAL = ["*/5 * * * *", "0 * * * *", "0 3 * * *", "0 3 * * 1-5", "0 3 * * 0", "0 3 1 * *"];

function ScheduleFields() {
  const { t } = useLingui();
  const spec = (...path: string[]): Place => ({ path: ["spec", ...path] });
  const concurrency = [
    { value: "Allow", label: t`Both run` },
    { value: "Forbid", label: t`The new one is left out` },
    { value: "Replace", label: t`The old one is stopped` },
  ];
  return (
    <>
      <Row>
        <SuggestAt at={spec("schedule")} data={USUAL} required mono label={<Trans>Schedule</Trans>} description={<Trans>Minute, hour, day, month, weekday</Trans>} />
        <SuggestAt at={spec("timeZone")} data={Intl.supportedValuesOf("timeZone")} label={<Trans>Time zone</Trans>} description={<Trans>Empty: the cluster's, mostly UTC</Trans>} />
      </Row>
      <NextRuns />
      <Row>
        <PickAt at={spec("concurrencyPolicy")} data={concurrency} fallback="Allow" label={<Trans>If the last one still runs</Trans>} />
        <NumberAt at={spec("startingDeadlineSeconds")} min={0} suffix=" s" label={<Trans>Late at most</Trans>} placeholder={t`any`} />
        <NumberAt at={spec("successfulJobsHistoryLimit")} min={0} label={<Trans>Successful ones kept</Trans>} placeholder="3" />
        <NumberAt at={spec("failedJobsHistoryLimit")} min={0} label={<Trans>Failed ones kept</Trans>} placeholder="1" />
      </Row>
      <FlagAt at={spec("suspend")} label={<Trans>Suspended: nothing runs for now</Trans>} />
    </>
  );
}

function NextRuns() {
  const { i18n } = useLingui();
  const [schedule = ""] = useAt<string>({ path: ["spec", "schedule"] });
  const [zone = "UTC"] = useAt<string>({ path: ["spec", "timeZone"] });
  const [now] = useState(() => new Date());
  if (!parseCron(schedule))
    return (
      <Problem>
        <Trans>This is not a schedule. An example: 30 8 * * 1-5 is half past eight on working days.</Trans>
      </Problem>
    );
  let runs: Date[];
  try {
    runs = nextRuns(schedule, now, 5, zone);
  } catch {
    return (
      <Problem>
        <Trans>There is no such time zone.</Trans>
      </Problem>
    );
  }
  const said = new Intl.DateTimeFormat(i18n.locale, { weekday: "long", month: "long", day: "numeric", hour: "2-digit", minute: "2-digit", timeZone: zone, timeZoneName: "short" });
  if (runs.length === 0)
    return (
      <Problem>
        <Trans>This never comes.</Trans>
      </Problem>
    );
  return (
    <>
      <div className={styles.legend}>
        <Trans>The next runs</Trans>
      </div>
      <ol style={{ margin: "0 0 14px", paddingInlineStart: 22 }}>
        {runs.map((run) => (
          <li key={run.toISOString()}>{said.format(run)}</li>
        ))}
      </ol>
    </>
  );
}
