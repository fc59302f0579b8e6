import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { feedsQuery } from "@/api/feeds";
import { texts } from "@/i18n";
import { leech as english } from "@/i18n/en/leech";
import { Button } from "@/parts/button";
import { needsSomebody, summaryOf } from "./feed-words";

const t = texts("leech", english);

const FeedsDialog = lazy(() => import("./feeds-dialog"));

/** How the feeds are, in a line of the same height whatever it says, and the way to them. */
export function Feeds() {
  const feeds = useQuery(feedsQuery);
  const [open, set] = useState(false);
  const items = feeds.data?.items;
  return (
    <section
      aria-label={t.feeds}
      className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 rounded-lg bg-surface p-5 max-sm:p-4"
    >
      <div className="grid gap-1">
        <h2 className="text-xl">{t.feeds}</h2>
        <p
          className={`line-clamp-1 min-h-6 ${feeds.isError ? "text-danger" : items && needsSomebody(items) ? "text-warn" : "text-muted"}`}
        >
          {items ? summaryOf(items) : feeds.isError ? feeds.error.message : ""}
        </p>
      </div>
      <Button onClick={() => set(true)}>{t.feedsOpen}</Button>
      {open && (
        <Suspense fallback={null}>
          <FeedsDialog close={() => set(false)} />
        </Suspense>
      )}
    </section>
  );
}
