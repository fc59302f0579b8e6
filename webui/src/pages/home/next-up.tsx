import { useQueries } from "@tanstack/react-query";
import type { Item, WorkTree } from "@/api/client";
import { workQuery } from "@/api/works";
import { texts } from "@/i18n";
import { home as english } from "@/i18n/en/home";
import { nextToPlay } from "@/parts/next-to-play";
import { Shelf } from "@/parts/shelf";
import { Cards, Ghosts } from "./row";

const t = texts("home", english);

/** The episode that comes next in a series of which some was watched; null where it was begun, or all was seen. */
function nextOf(work: WorkTree): Item | null {
  const next = nextToPlay(work);
  if (next?.how !== "start" || next.file.watched) return null;
  const seen = work.seasons.some(({ episodes }) =>
    episodes.some(({ files }) => files.some((file) => file.watched !== null)),
  );
  return seen ? next.file : null;
}

/** The next episodes of the series that somebody watches, on whichever device. */
export default function NextUp({ series }: { series: readonly string[] }) {
  const { next, waits } = useQueries({
    queries: series.map((key) => ({ ...workQuery(key), retry: false })),
    combine: (all) => ({
      next: all.flatMap(({ data }) => (data ? (nextOf(data) ?? []) : [])),
      waits: all.some(({ isPending }) => isPending),
    }),
  });
  return (
    <Shelf title={t.nextUp} empty={!waits && !next.length}>
      {waits ? <Ghosts /> : <Cards items={next} />}
    </Shelf>
  );
}
