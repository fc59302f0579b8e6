// A job in words: its state, how far it is, how long still, and what has happened. Pure.

import type { Job } from "@/api/jobs";
import { texts } from "@/i18n";
import { leech as english } from "@/i18n/en/leech";
import { bytes, duration, legible, visible } from "@/parts/words";
import type { News } from "./jobs";

const t = texts("leech", english);

const MINUTE = 60;
const DAY = 86_400;
const MOST_SAID = 3;

export const nameOf = ({ name, source }: Pick<Job, "name" | "source">): string =>
  legible(visible(name) ? name : source);

export function stateOf({ state, wish }: Pick<Job, "state" | "wish">): string {
  if (wish) return wish === "pause" ? t.wishPause : t.wishCancel;
  const names = {
    queued: t.stateQueued,
    reading: t.stateReading,
    waiting: t.stateWaiting,
    transferring: t.stateTransferring,
    joining: t.stateJoining,
    done: t.stateDone,
    failed: t.stateFailed,
    cancelled: t.stateCancelled,
    paused: t.statePaused,
  };
  return names[state];
}

/** How much there is of a file: "3 MB of 12 MB", "3 MB" where its size is not known, "" where nothing is. */
export function sizeOf({ state, bytes_done: done, bytes_total: total }: Job): string {
  if (total === null) return done ? bytes(done) : "";
  return state === "done" ? bytes(total) : t.of(bytes(done), bytes(total));
}

/** How long a job still takes, in steps that do not change with every event; "" where it is not known. */
export function etaText(eta: number | null): string {
  if (eta === null || !Number.isFinite(eta) || eta < 0) return "";
  if (eta < 5) return t.soon;
  if (eta < MINUTE) return t.left(duration(Math.min(50, Math.ceil(eta / 10) * 10)));
  if (eta < DAY) return t.left(duration(eta));
  return t.left(t.days(Math.round(eta / DAY)));
}

export const rateText = (rate: number): string => (rate > 0 ? t.perSecond(bytes(rate)) : "");

/** What has happened, in a sentence for each of the first few jobs. */
export function saidOf(news: readonly News[]): string {
  const words = {
    started: t.newsStarted,
    waits: t.newsWaits,
    paused: t.newsPaused,
    done: t.newsDone,
    failed: t.newsFailed,
    cancelled: t.newsCancelled,
  };
  const said = news.slice(0, MOST_SAID).map(({ event, job }) => {
    const reason =
      job.reason && (event === "failed" || event === "waits") ? `: ${legible(job.reason).replace(/\.$/, "")}` : "";
    return words[event](nameOf(job)) + reason;
  });
  const more = news.length - said.length;
  return [...said, ...(more > 0 ? [t.newsMore(more)] : [])].join(". ");
}
