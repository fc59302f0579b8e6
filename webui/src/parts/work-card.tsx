import { Link } from "@tanstack/react-router";
import type { WorkItem } from "@/api/client";
import { plural, texts } from "@/i18n";
import { browse as english } from "@/i18n/en/browse";
import { Frame } from "./frame";
import { legible } from "./words";

const t = texts("browse", english);

/** A film or series as a whole. */
export function WorkCard({ work, dense = false }: { work: WorkItem; dense?: boolean }) {
  const title = legible(work.title);
  const files = work.series
    ? plural(work.files, { one: t.episode, other: t.episodes })
    : plural(work.files, { one: t.version, other: t.versions });
  const shown = { title, caption: "", name: title, kind: "video", date: 0, placeholder: null } as const;
  return (
    <div className="group relative min-w-0">
      <Frame
        item={{ ...shown, thumb_url: work.thumb_url }}
        mark={String(work.year ?? "")}
        className="transition-[filter] group-hover:brightness-110"
      />
      <Link
        to="/work/$key"
        params={{ key: work.key }}
        dir="auto"
        className="mt-2 line-clamp-1 font-medium as-parent wrap-anywhere after:absolute after:inset-0 after:rounded-md"
      >
        {title}
      </Link>
      {!dense && <p className="line-clamp-1 text-sm text-muted">{[work.year, files].filter(Boolean).join(" · ")}</p>}
    </div>
  );
}
