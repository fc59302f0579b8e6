import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Version, WorkItem, WorkTree } from "@/api/client";
import { worksQuery } from "@/api/lists";
import { texts } from "@/i18n";
import { work as english } from "@/i18n/en/work";
import { Frame } from "@/parts/frame";
import { Shelf } from "@/parts/shelf";
import { legible } from "@/parts/words";
import { useChannels } from "./files";

const t = texts("work", english);
const MOST = 20;

/** Other films and series of the same channel. */
export function Related({ work, of }: { work: WorkTree; of: Version }) {
  const channel = useChannels(work.key)(of.chat_id);
  const found = useQuery(worksQuery({ chat: of.chat_id }, MOST + 1)).data ?? [];
  const others = found.filter((one) => one.key !== work.key).slice(0, MOST);
  return (
    <Shelf title={t.related(channel)} empty={!others.length || !channel}>
      {others.map((one) => (
        <li key={one.key}>
          <Other work={one} />
        </li>
      ))}
    </Shelf>
  );
}

function Other({ work }: { work: WorkItem }) {
  const title = legible(work.title);
  const shown = { title, caption: "", name: title, kind: "video", date: 0, placeholder: null } as const;
  return (
    <div className="group relative min-w-0">
      <Frame item={{ ...shown, thumb_url: work.thumb_url }} mark={String(work.year ?? "")} />
      <Link
        to="/work/$key"
        params={{ key: work.key }}
        className="mt-2 line-clamp-1 font-medium wrap-anywhere after:absolute after:inset-0 after:rounded-md"
      >
        <bdi>{title}</bdi>
      </Link>
      <p className="text-sm text-muted">{work.year}</p>
    </div>
  );
}
