import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { firstQuery } from "@/api/catalog";
import { plural, texts } from "@/i18n";
import { browse as english } from "@/i18n/en/browse";
import { Mosaic } from "./mosaic";
import { useNear } from "./use-near";
import { legible } from "./words";

const t = texts("browse", english);

/** A channel: a mosaic of its newest frames, its name, and how many files it has. Asked for when it comes near. */
export function ChannelCard({ chat, title, files }: { chat: number; title: string | null; files: number }) {
  const [place, near] = useNear<HTMLDivElement>();
  const { data = [] } = useQuery({ ...firstQuery({ chat }, 8), enabled: near, staleTime: 5 * 60_000 });
  const name = legible(title ?? "") || String(chat);
  return (
    <div ref={place} className="group relative min-w-0">
      <Mosaic items={data} title={name} />
      <Link
        to="/channels/$chat"
        params={{ chat: String(chat) }}
        dir="auto"
        className="mt-2 line-clamp-1 font-medium as-parent wrap-anywhere after:absolute after:inset-0 after:rounded-md"
      >
        {name}
      </Link>
      <p className="text-sm text-muted">{plural(files, { one: t.file, other: t.filesCount })}</p>
    </div>
  );
}
