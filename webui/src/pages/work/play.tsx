import { Link } from "@tanstack/react-router";
import type { Version } from "@/api/client";
import { texts } from "@/i18n";
import { work as english } from "@/i18n/en/work";
import { buttonLook } from "@/parts/button";
import { watchLink } from "@/parts/card";
import * as Icon from "@/parts/icons";
import { type Cut, type Next, nextOf, numberOf } from "@/parts/next-to-play";
import { clock } from "@/parts/words";

const t = texts("work", english);

/** "Play S2 E5", "Resume 41:20", "Play again": what nextToPlay says, in the chosen version. On phones always in reach. */
export function PlayButton({ next, cut, series }: { next: Next<Version>; cut: Cut<Version>; series: boolean }) {
  const { file, position } = placeIn(next, cut);
  const here = series ? numberOf(next.unit) : "";
  const resumes = next.how === "resume" && (position > 0 || cut.parts.length > 1);
  const name = resumes
    ? position > 0
      ? here
        ? t.resumeOne(here, clock(position))
        : t.resume(clock(position))
      : t.play
    : next.how === "again"
      ? here
        ? t.againFrom(here)
        : t.again
      : here
        ? t.playOne(here)
        : t.play;
  const link = watchLink(file);
  const own = file.watched && !file.watched.finished ? file.watched.position : 0;
  const search = { ...link.search, ...(resumes && position > 0 ? { resume: true } : {}) };
  const from = position > 0 && own !== position ? { ...link.search, t: Math.floor(position) } : search;
  return (
    <div className="max-md:edge max-md:fixed max-md:inset-x-0 max-md:bottom-[calc(var(--bar)+var(--queue,0px))] max-md:z-20 max-md:grid max-md:bg-page/90 max-md:py-2">
      <Link {...link} search={from} className={buttonLook("strong", "min-h-12! px-6 text-base")}>
        <Icon.Play aria-hidden className="fill-current rtl:-scale-x-100" />
        {name}
      </Link>
    </div>
  );
}

/** The file and the place in the chosen version: that of nextToPlay, the version's own, or the same if it is as long. */
export function placeIn(next: Next<Version>, cut: Cut<Version>): { file: Version; position: number } {
  if (cut === next.cut || next.how !== "resume") {
    return cut === next.cut ? next : { file: cut.parts[0], position: 0 };
  }
  const own = nextOf({ ...next.unit, cuts: [cut] });
  if (own?.how === "resume") return own;
  const at = next.cut.parts.indexOf(next.file);
  const file = cut.parts.length === next.cut.parts.length ? (cut.parts[at] ?? cut.parts[0]) : cut.parts[0];
  const same = Math.abs((file.duration ?? 0) - (next.file.duration ?? 0)) <= 0.01 * (next.file.duration ?? 0);
  return { file, position: same ? next.position : 0 };
}
