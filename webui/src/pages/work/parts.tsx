import { Link } from "@tanstack/react-router";
import type { Version } from "@/api/client";
import { texts } from "@/i18n";
import { work as english } from "@/i18n/en/work";
import { Progress, progressOf, watchLink } from "@/parts/card";
import { Frame } from "@/parts/frame";
import { menuAt } from "@/parts/item-menu";
import type { Cut } from "@/parts/next-to-play";
import { Told } from "@/parts/told";
import { bytes, duration } from "@/parts/words";

const t = texts("work", english);

/** The parts of a film that lies in several files, in their order. */
export function Parts({ cut }: { cut: Cut<Version> }) {
  if (cut.parts.length < 2) return null;
  return (
    <section aria-label={t.parts} className="edge py-4">
      <h2 className="pb-3 text-xl">{t.parts}</h2>
      <ol className="grid grid-cols-[repeat(auto-fill,minmax(11rem,1fr))] gap-4">
        {cut.parts.map((part, at) => (
          <li key={part.file_unique_id} onContextMenu={menuAt(part)} className="relative min-w-0">
            <div className="relative overflow-hidden rounded-md">
              <Frame item={part} shape="wide" mark={String(at + 1)} />
              <Progress part={progressOf(part)} />
            </div>
            <Link {...watchLink(part)} className="mt-2 block font-medium after:absolute after:inset-0 after:rounded-md">
              {t.part(at + 1)}
            </Link>
            <p className="text-sm text-muted">
              <Told parts={[part.duration ? duration(part.duration) : "", bytes(part.size)]} />
            </p>
          </li>
        ))}
      </ol>
    </section>
  );
}
