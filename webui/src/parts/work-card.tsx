import type { WorkItem } from "@/api/client";
import { plural, texts } from "@/i18n";
import { browse as english } from "@/i18n/en/browse";
import { Frame, type Shown } from "./frame";
import { ItemLink } from "./item-link";
import { legible } from "./words";

const t = texts("browse", english);

const linkOf = (work: WorkItem) => ({ to: "/work/$key" as const, params: { key: work.key } });

function shownOf(work: WorkItem): Shown {
  const title = legible(work.title);
  const { thumb_url, placeholder } = work;
  return { title, caption: "", name: title, kind: "video", date: 0, thumb_url, placeholder };
}

/** Its year, and how many files it has where that tells something. */
function lineOf({ series, files, year }: WorkItem): string {
  const forms = series ? { one: t.episode, other: t.episodes } : { one: t.version, other: t.versions };
  return [year, series || files > 1 || !year ? plural(files, forms) : ""].filter(Boolean).join(" · ");
}

/** A film or series as a whole. */
export function WorkCard({ work, dense = false }: { work: WorkItem; dense?: boolean }) {
  return (
    <div className="group relative min-w-0">
      <Frame
        item={shownOf(work)}
        shape="wide"
        mark={String(work.year ?? "")}
        className="transition-[filter] group-hover:brightness-110"
      />
      <ItemLink
        target={linkOf(work)}
        className="mt-2 line-clamp-1 font-medium as-parent wrap-anywhere after:absolute after:inset-0 after:rounded-md"
      >
        {legible(work.title)}
      </ItemLink>
      {!dense && <p className="line-clamp-1 text-sm text-muted">{lineOf(work)}</p>}
    </div>
  );
}

/** The same as one row of a list. */
export function WorkRow({ work }: { work: WorkItem }) {
  return (
    <div className="group relative flex h-full items-center gap-4 rounded-md hover:bg-surface">
      <Frame item={shownOf(work)} shape="wide" width={160} className="w-20 shrink-0 rounded-sm" />
      <div className="min-w-0 flex-1">
        <ItemLink
          target={linkOf(work)}
          className="line-clamp-1 font-medium as-parent wrap-anywhere after:absolute after:inset-0 after:rounded-md"
        >
          {legible(work.title)}
        </ItemLink>
        <p className="line-clamp-1 text-sm text-muted">{lineOf(work)}</p>
      </div>
    </div>
  );
}
