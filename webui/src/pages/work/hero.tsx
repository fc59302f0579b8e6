import { type CSSProperties, useEffect, useRef } from "react";
import type { Version, WorkTree } from "@/api/client";
import { filesOf } from "@/api/works";
import { texts } from "@/i18n";
import { work as english } from "@/i18n/en/work";
import { Progress, progressOf } from "@/parts/card";
import { Frame } from "@/parts/frame";
import { type Cut, type Next, unitsOf, wayOf } from "@/parts/next-to-play";
import { useHue } from "@/parts/picture-hue";
import { Told } from "@/parts/told";
import { duration, legible } from "@/parts/words";
import { Actions } from "./actions";
import { languagesOf, qualityOf } from "./describe";
import { PlayButton } from "./play";
import { VersionPicker } from "./versions";

const t = texts("work", english);

export type HeroProps = {
  work: WorkTree;
  next: Next<Version>;
  /** The version that Play plays. */
  cut: Cut<Version>;
  reading: boolean;
  choose: (cut: Cut<Version>) => void;
};

/** What the work is, in its own colour, and what can be done with it at once. */
export function Hero({ work, next, cut, reading, choose }: HeroProps) {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus({ preventScroll: true }), []);
  const [file] = cut.parts;
  const hue = useHue(work.title, file.placeholder);
  const wide = window.devicePixelRatio > 1 ? 640 : 320;
  return (
    <section style={{ "--hue": hue } as CSSProperties} className="relative">
      <div aria-hidden="true" className="ambient absolute inset-0 -start-(--rail) -top-16">
        <div className="absolute inset-0 bg-linear-to-b from-transparent from-30% to-page" />
      </div>
      <div className="edge relative grid gap-x-8 gap-y-5 py-6 md:grid-cols-[20rem_1fr] md:items-center md:py-10">
        <div className="relative w-full overflow-hidden sm:max-w-80 rounded-lg shadow-(--shadow)">
          <Frame item={file} shape="wide" width={wide} urgent mark={String(work.year ?? "")} />
          <Progress part={next.how === "resume" ? progressOf(next.file) : 0} />
        </div>
        <div className="grid min-w-0 gap-3">
          <h1
            ref={title}
            tabIndex={-1}
            className="-mb-[0.18em] line-clamp-3 pb-[0.18em] text-title text-balance wrap-anywhere"
          >
            <bdi>{legible(work.title)}</bdi>
          </h1>
          <p className="text-base text-muted">
            <Told parts={metaOf(work, cut)} />
          </p>
          <div className="flex flex-wrap items-center gap-2 pt-2">
            <PlayButton next={next} cut={cut} series={work.series} />
            <Actions work={work} next={next} cut={cut} />
          </div>
          <VersionPicker unit={next.unit} cut={cut} reading={reading} choose={choose} />
          {wayOf(cut) === "player" && <p className="max-w-prose text-warn">{t.noneHere}</p>}
        </div>
      </div>
    </section>
  );
}

function metaOf(work: WorkTree, cut: Cut<Version>): string[] {
  const units = unitsOf(work);
  const long = cut.parts.reduce((sum, part) => sum + (part.duration ?? 0), 0);
  const seasons = work.seasons.filter(({ season }) => season !== null && season !== 0).length;
  const told = work.series
    ? [work.year, seasons > 1 ? t.seasons(seasons) : "", t.episodes(units.length)]
    : [work.year, long ? duration(long) : "", qualityOf(cut.parts[0])];
  const spoken = languagesOf(filesOf(work));
  return [...told, spoken.length <= 4 ? spoken.join(", ") : ""].filter(Boolean).map(String);
}
