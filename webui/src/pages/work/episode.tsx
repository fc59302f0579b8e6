import { Link } from "@tanstack/react-router";
import type { Version } from "@/api/client";
import { texts } from "@/i18n";
import { work as english } from "@/i18n/en/work";
import { IconButton } from "@/parts/button";
import { Progress, progressOf, watchLink } from "@/parts/card";
import { Frame } from "@/parts/frame";
import * as Icon from "@/parts/icons";
import { mark } from "@/parts/item-actions";
import { MoreButton, menuAt } from "@/parts/item-menu";
import { isFinished, nextOf, numberOf, type Unit, wayOf } from "@/parts/next-to-play";
import { Told } from "@/parts/told";
import { clock, day, duration } from "@/parts/words";
import { episodeTitle, qualityOf } from "./describe";

const t = texts("work", english);

/** One episode: its frame and how far it was watched, its name, and what can be done with it. */
export function Episode({ unit, isNext }: { unit: Unit<Version>; isNext: boolean }) {
  const next = nextOf(unit);
  if (!next) return null;
  const { file, cut } = next;
  const seen = isFinished(unit);
  const title = episodeTitle(unit);
  const qualities = [...new Set(unit.cuts.map((one) => qualityOf(one.parts[0])).filter(Boolean))];
  const told = [
    numberOf(unit),
    file.duration ? duration(file.duration) : "",
    qualities.join(", "),
    day(file.date),
    wayOf(cut) === "player" ? t.player : "",
  ];
  const files = unit.cuts.flatMap((one) => one.parts);
  return (
    <li
      onContextMenu={menuAt(file)}
      className={`group relative grid grid-cols-[7rem_1fr_auto] items-center gap-3 rounded-md p-2 hover:bg-surface md:grid-cols-[11rem_1fr_auto] md:gap-5 ${isNext ? "bg-surface" : ""}`}
    >
      <div className="relative overflow-hidden rounded-sm md:rounded-md">
        <Frame item={file} shape="wide" mark={numberOf(unit)} className={seen ? "opacity-60" : ""} />
        <Progress part={seen ? 1 : progressOf(file)} />
      </div>
      <div className="min-w-0">
        <Link
          {...watchLink(file)}
          className="line-clamp-2 text-base font-medium wrap-anywhere after:absolute after:inset-0 after:rounded-md"
        >
          <bdi>{title}</bdi>
        </Link>
        <p className="line-clamp-2 text-sm text-muted">
          <Told parts={told} />
        </p>
        {next.how === "resume" && next.position > 0 && (
          <p className="text-sm text-accent">{t.of(clock(next.position), clock(file.duration ?? 0))}</p>
        )}
      </div>
      <div className="z-10 flex max-sm:flex-col">
        <IconButton
          label={seen ? t.unmarkEpisode(title) : t.markEpisode(title)}
          aria-pressed={seen}
          onClick={() => void mark(seen ? files : cut.parts, !seen, title)}
        >
          <Icon.Done aria-hidden className={seen ? "text-ok" : ""} />
        </IconButton>
        <MoreButton item={file} />
      </div>
    </li>
  );
}
