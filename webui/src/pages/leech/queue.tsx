import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { jobsQuery, liveJobsQuery } from "@/api/jobs";
import { useMe } from "@/api/me";
import { texts } from "@/i18n";
import { leech as english } from "@/i18n/en/leech";
import { Button } from "@/parts/button";
import { useKeptFocus } from "@/parts/kept-focus";
import { Failure } from "@/parts/notice";
import { Nothing, Rows } from "@/parts/panel";
import { Pills } from "@/parts/pills";
import { Skeleton } from "@/parts/skeleton";
import { SHOWN, type Shown, shownJobs, shownOf, statesOf } from "./jobs";
import { News } from "./news";
import { JobRow } from "./row";

const t = texts("leech", english);

const NOTHING = (): Record<Shown, string> => ({
  all: t.empty,
  running: t.emptyRunning,
  waiting: t.emptyWaiting,
  done: t.emptyDone,
  failed: t.emptyFailed,
});

/** The jobs, live. `wanted`: the id of the one that gets the focus as soon as it is there. */
export function Queue({ wanted, found }: { wanted: string; found: () => void }) {
  const shown = shownOf(useSearch({ from: "/leech" }).shown);
  const section = useRef<HTMLElement>(null);
  const live = useQuery(liveJobsQuery).data;
  useKeptFocus(section);
  return (
    <section
      ref={section}
      aria-label={t.queue}
      className="grid content-start gap-4 rounded-lg bg-surface p-5 max-sm:p-4"
    >
      <div className="flex flex-wrap items-center gap-x-6 gap-y-3">
        <h2 data-list-head tabIndex={-1} className="me-auto text-xl">
          {t.queue}
        </h2>
        <Choices shown={shown} />
      </div>
      <Jobs key={shown} shown={shown} wanted={wanted} found={found} />
      <News jobs={live} />
    </section>
  );
}

function Choices({ shown }: { shown: Shown }) {
  const navigate = useNavigate();
  const names = { all: t.all, running: t.running, waiting: t.waiting, done: t.done, failed: t.failed };
  return (
    <Pills
      legend={t.which}
      name="shown"
      value={shown}
      options={SHOWN.map((value) => ({ value, name: names[value] }))}
      change={(one) =>
        void navigate({
          to: "/leech",
          search: one === "all" ? {} : { shown: one },
          replace: true,
          resetScroll: false,
        })
      }
    />
  );
}

function Jobs({ shown, wanted, found }: { shown: Shown; wanted: string; found: () => void }) {
  const list = useInfiniteQuery(jobsQuery(statesOf(shown)));
  const live = useQuery(liveJobsQuery).data ?? [];
  const owner = useMe()?.role === "owner";
  const jobs = shownJobs(list.data?.pages.flatMap((page) => page.items) ?? [], live, shown);
  const isThere = !!list.data && jobs.some(({ id }) => id === wanted);
  useEffect(() => {
    if (!isThere) return;
    const row = document.querySelector<HTMLElement>(`[data-row="${wanted}"]`);
    row?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: "center" });
    found();
  }, [isThere, wanted, found]);
  if (list.isError && !list.data) return <Failure error={list.error} again={() => list.refetch()} />;
  if (!list.data) return <Skeleton className="h-64" />;
  return (
    <>
      {jobs.length ? (
        <Rows label={t.queue}>
          {jobs.map((job) => (
            <JobRow key={job.id} job={job} owner={owner} />
          ))}
        </Rows>
      ) : (
        !list.hasNextPage && <Nothing>{NOTHING()[shown]}</Nothing>
      )}
      {list.hasNextPage && (
        <div>
          <Button
            aria-disabled={list.isFetchingNextPage}
            onClick={() => list.isFetchingNextPage || list.fetchNextPage()}
          >
            {t.older}
          </Button>
        </div>
      )}
    </>
  );
}
