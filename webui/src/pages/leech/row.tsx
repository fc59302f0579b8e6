import { useMutation } from "@tanstack/react-query";
import { changeJob, type Job, type JobChange } from "@/api/jobs";
import { texts } from "@/i18n";
import { leech as english } from "@/i18n/en/leech";
import { usePeopleNames } from "@/pages/manage/names";
import { Button } from "@/parts/button";
import { ConfirmButton } from "@/parts/confirm";
import { Countdown } from "@/parts/countdown";
import * as Icon from "@/parts/icons";
import { Moment } from "@/parts/moment";
import { Told } from "@/parts/told";
import { duration, legible } from "@/parts/words";
import { changesOf, hasEnded, shareOf } from "./jobs";
import { OpenFile } from "./open";
import { etaText, nameOf, rateText, sizeOf, stateOf } from "./words";

const t = texts("leech", english);

const TONES: Partial<Record<Job["state"], string>> = {
  done: "text-ok",
  failed: "text-danger",
  waiting: "text-warn",
};

/** One job. `owner`: whether it is told whose it is. */
export function JobRow({ job, owner }: { job: Job; owner: boolean }) {
  const name = nameOf(job);
  return (
    <li
      data-row={job.id}
      tabIndex={-1}
      className="grid gap-x-6 gap-y-2 focus-visible:bg-raised lg:grid-cols-[1fr_auto]"
    >
      <div className="grid min-w-0 content-start gap-1.5">
        <p dir="auto" className="as-parent line-clamp-2 font-medium wrap-anywhere">
          {name}
        </p>
        {name !== job.source && (
          <p className="line-clamp-1 text-sm text-faint wrap-anywhere">
            <bdi dir="ltr">{legible(job.source)}</bdi>
          </p>
        )}
        <Figures job={job} owner={owner} />
        <Bar job={job} name={name} />
        <Reason job={job} />
      </div>
      <Actions job={job} name={name} />
    </li>
  );
}

function Figures({ job, owner }: { job: Job; owner: boolean }) {
  const personName = usePeopleNames();
  const runs = job.state === "transferring";
  return (
    <p className="text-sm text-muted tabular-nums">
      <Told
        parts={[
          <span key="state" className={job.wish ? "text-warn" : (TONES[job.state] ?? "text-text")}>
            {stateOf(job)}
          </span>,
          sizeOf(job),
          runs && rateText(job.rate),
          runs && etaText(job.eta),
          hasEnded(job) && <Moment key="at" unix={job.updated_at} />,
          owner && job.person !== null && t.by(personName(job.person)),
        ]}
      />
    </p>
  );
}

function Bar({ job, name }: { job: Job; name: string }) {
  const share = shareOf(job);
  if (share === null) return null;
  return (
    <progress
      max={1}
      value={share}
      aria-label={t.progress(name)}
      className="h-1.5 w-full appearance-none overflow-hidden rounded-full bg-raised [&::-moz-progress-bar]:bg-accent [&::-webkit-progress-bar]:bg-raised [&::-webkit-progress-value]:bg-accent"
    />
  );
}

/** Why a job waits or failed, and when it goes on; how its file was posted, where that needs a word. */
function Reason({ job }: { job: Job }) {
  const again = job.state === "waiting" && job.retry_at !== null ? job.retry_at * 1000 : null;
  const sentences = job.reason ? [job.reason, ...job.notes] : job.notes;
  if (sentences.length === 0 && again === null) return null;
  return (
    <div className="grid gap-1 text-sm text-muted">
      {sentences.map((sentence) => (
        <p key={sentence} dir="auto" className="as-parent max-w-prose wrap-anywhere">
          {legible(sentence)}
        </p>
      ))}
      {again !== null && (
        <p>
          {job.attempts > 0 && <>{t.attempts(job.attempts)} · </>}
          <Countdown within until={again} words={(left) => (left ? t.again(duration(left)) : t.againNow)} />
        </p>
      )}
    </div>
  );
}

const ICONS = { pause: Icon.Pause, resume: Icon.Play, retry: Icon.Again } as const;

function Actions({ job, name }: { job: Job; name: string }) {
  const changing = useMutation({ mutationFn: (change: JobChange) => changeJob(job.id, change) });
  const words = { pause: t.pause, resume: t.resume, retry: job.state === "waiting" ? t.retryNow : t.retry };
  return (
    <div className="grid content-start gap-1 lg:justify-items-end">
      <div className="flex flex-wrap gap-2">
        {changesOf(job).map((change) => {
          if (change === "cancel") return <Cancel key={change} job={job} name={name} />;
          const Sign = ICONS[change];
          return (
            <Button
              key={change === "retry" ? change : "go"} // pause and resume are one button, which keeps the focus
              aria-label={t.actionOf(words[change], name)}
              aria-disabled={changing.isPending}
              onClick={() => !changing.isPending && changing.mutate(change)}
            >
              <Sign aria-hidden />
              {words[change]}
            </Button>
          );
        })}
        {job.state === "done" && <OpenFile job={job} />}
      </div>
      {changing.isError && (
        <p role="alert" className="max-w-prose text-sm text-danger">
          {changing.error.message}
        </p>
      )}
    </div>
  );
}

function Cancel({ job, name }: { job: Job; name: string }) {
  return (
    <ConfirmButton
      label={t.cancel}
      name={t.actionOf(t.cancel, name)}
      title={t.cancelTitle(name)}
      action={t.cancelDo}
      run={() => changeJob(job.id, "cancel")}
    >
      {t.cancelWhy}
    </ConfirmButton>
  );
}
