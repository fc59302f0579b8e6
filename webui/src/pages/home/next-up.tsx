import { useQueries, useQuery } from "@tanstack/react-query";
import type { Item, WorkTree } from "@/api/client";
import { finishedQuery } from "@/api/lists";
import { workQuery } from "@/api/works";
import { texts } from "@/i18n";
import { home as english } from "@/i18n/en/home";
import { nextToPlay } from "@/parts/next-to-play";
import { Shelf } from "@/parts/shelf";
import { seriesOf } from "./groups";
import { Cards } from "./row";

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

const MOST = 8;

/** The next episodes of the series of which something was watched lately, on whichever device. */
export default function NextUp({ begun }: { begun: readonly Item[] }) {
  const finished = useQuery(finishedQuery(60)).data;
  const keys = finished ? seriesOf([...begun, ...finished], MOST) : [];
  const next = useQueries({
    queries: keys.map((key) => ({ ...workQuery(key), retry: false })),
    combine: (all) => all.flatMap(({ data }) => (data ? (nextOf(data) ?? []) : [])),
  });
  return (
    <Shelf title={t.nextUp} empty={!next.length}>
      <Cards items={next} />
    </Shelf>
  );
}
