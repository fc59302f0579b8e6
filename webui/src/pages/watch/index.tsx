import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import type { FileItem, Item } from "@/api/client";
import { fileQuery } from "@/api/facts";
import { failureOf } from "@/api/problem";
import { type WatchState, watchQuery } from "@/api/watch";
import { useTitle } from "@/parts/head";
import { Failure } from "@/parts/notice";
import { Skeleton } from "@/parts/skeleton";
import { heading } from "@/parts/words";
import type { Engine } from "@/player/engine";
import { About } from "./about";
import { Around } from "./around";
import { Stage } from "./stage";
import { useDownloads } from "./use-downloads";
import { useInstead } from "./use-instead";
import { useWork } from "./use-work";

const route = getRouteApi("/watch/$chat/$message");

/** The page of one file: what shows it first, then what it is and what can be done with it. */
export function Watch() {
  const { chat, message } = route.useParams();
  const file = useQuery(fileQuery(Number(chat), Number(message)));
  const watched = useQuery(watchQuery({ chat_id: Number(chat), message_id: Number(message) }));
  useTitle(file.data ? heading(file.data) : "");
  const failure = failureOf(file);
  if (failure) return <Failure level="h1" error={failure} again={() => file.refetch()} />;
  if (!file.data || watched.isPending) return <Waiting />;
  return <File item={file.data} watched={watched.data ?? null} />;
}

const LAYOUT = "edge grid gap-x-8 gap-y-6 pt-2 pb-12 xl:grid-cols-[minmax(0,1fr)_22rem] max-sm:px-0";

function File({ item, watched }: { item: FileItem; watched: WatchState | null }) {
  const kept = useKept(item);
  const [engine, setEngine] = useState<Engine | null>(null);
  const work = useWork(kept);
  const downloads = useDownloads(kept);
  const instead = useInstead(kept, engine, work.versions);
  const shown: Item = instead?.item ?? kept;
  return (
    <div className={LAYOUT}>
      <div className="min-w-0">
        <Stage
          item={shown}
          watched={instead ? (instead.item.watched ?? null) : watched}
          work={work}
          downloads={downloads}
          onEngine={setEngine}
        />
        {instead && (
          <p role="status" className="mt-3 rounded-md bg-surface px-4 py-3 text-pretty wrap-anywhere">
            {instead.why}
          </p>
        )}
        <About item={item} engine={engine} downloads={downloads} />
      </div>
      <Around item={kept} work={work} />
    </div>
  );
}

// The same object while the file is the same: that a list was read anew does not begin the film again.
function useKept(item: FileItem): FileItem {
  const [kept, keep] = useState(item);
  if (kept.file_unique_id === item.file_unique_id && kept.message_id === item.message_id) return kept;
  keep(item);
  return item;
}

function Waiting() {
  return (
    <div className={LAYOUT} aria-busy="true">
      <div className="min-w-0">
        <Skeleton className="aspect-video max-h-[min(78dvh,56rem)] w-full rounded-lg max-sm:rounded-none" />
        <div className="grid gap-3 py-5 max-sm:px-4">
          <Skeleton className="h-8 w-2/3" />
          <Skeleton className="h-5 w-1/3" />
          <Skeleton className="h-11 w-full max-w-lg rounded-full" />
        </div>
      </div>
    </div>
  );
}
