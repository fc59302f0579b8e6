import { useQuery } from "@tanstack/react-query";
import { opensLists } from "@/api/address";
import { ask, client, type FileItem, type Item } from "@/api/client";
import { texts } from "@/i18n";
import { watch as english } from "@/i18n/en/watch";
import { Card } from "@/parts/card";
import type { Engine } from "@/player/engine";

const t = texts("watch", english);
const SHOWN = 12;

const neighboursQuery = (item: Item) => ({
  queryKey: ["catalog", { chat_id: item.chat_id, kind: item.kind, around: true }],
  queryFn: ({ signal }: { signal: AbortSignal }) =>
    ask(
      client().GET("/api/catalog", {
        params: { query: { chat_id: [item.chat_id], kind: item.kind, limit: SHOWN + 1 } },
        signal,
      }),
    ),
  enabled: opensLists(),
});

/** What else there is beside this file. */
export function Around({ item }: { item: FileItem; engine: Engine | null }) {
  const found = useQuery(neighboursQuery(item));
  const others = (found.data?.items ?? []).filter((one) => one.message_id !== item.message_id).slice(0, SHOWN);
  if (!others.length) return null;
  return (
    <aside aria-label={t.more} className="max-sm:px-4">
      <h2 className="pb-3 text-xl">{t.more}</h2>
      <ul className="grid grid-cols-2 gap-x-4 gap-y-5 sm:grid-cols-3 lg:grid-cols-4 xl:grid-cols-1">
        {others.map((one) => (
          <li key={one.message_id}>
            <Card item={one} />
          </li>
        ))}
      </ul>
    </aside>
  );
}
