import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import type { FileItem } from "@/api/client";
import { fileQuery } from "@/api/facts";
import { watchQuery } from "@/api/watch";
import { useTitle } from "@/parts/head";
import { Failure } from "@/parts/notice";
import { Skeleton } from "@/parts/skeleton";
import { heading } from "@/parts/words";
import type { Engine } from "@/player/engine";
import { About } from "./about";
import { Around } from "./around";
import { Stage } from "./stage";

const route = getRouteApi("/watch/$chat/$message");

/** The page of one file: what shows it first, then what it is and what can be done with it. */
export function Watch() {
  const { chat, message } = route.useParams();
  const file = useQuery(fileQuery(Number(chat), Number(message)));
  const watched = useQuery(watchQuery({ chat_id: Number(chat), message_id: Number(message) }));
  useTitle(file.data ? heading(file.data) : "");
  if (file.isError) return <Failure error={file.error} again={() => file.refetch()} />;
  if (!file.data || watched.isLoading) return <Waiting />;
  return <File key={`${chat}/${message}`} item={file.data} watched={watched.data ?? null} />;
}

const LAYOUT = "edge grid gap-x-8 gap-y-6 pt-2 pb-12 xl:grid-cols-[minmax(0,1fr)_22rem] max-sm:px-0";

function File({ item: told, watched }: { item: FileItem; watched: Parameters<typeof Stage>[0]["watched"] }) {
  const [item] = useState(told); // a list that is read anew does not begin the film again
  const [engine, setEngine] = useState<Engine | null>(null);
  return (
    <div className={LAYOUT}>
      <div className="min-w-0">
        <Stage item={item} watched={watched} onEngine={setEngine} />
        <About item={told} engine={engine} />
      </div>
      <Around item={item} engine={engine} />
    </div>
  );
}

function Waiting() {
  return (
    <div className={LAYOUT} aria-busy="true">
      <div className="min-w-0">
        <Skeleton className="aspect-video max-h-[min(78dvh,56rem)] w-full rounded-lg" />
        <div className="grid gap-3 py-5 max-sm:px-4">
          <Skeleton className="h-8 w-2/3" />
          <Skeleton className="h-5 w-1/3" />
          <Skeleton className="h-11 w-full max-w-lg rounded-full" />
        </div>
      </div>
    </div>
  );
}
