import { getRouteApi } from "@tanstack/react-router";
import { type KeyboardEvent, useId } from "react";
import type { Version } from "@/api/client";
import { texts } from "@/i18n";
import { work as english } from "@/i18n/en/work";
import { Button } from "@/parts/button";
import * as Icon from "@/parts/icons";
import { mark } from "@/parts/item-actions";
import { bestCut, isFinished, type Next, type Unit } from "@/parts/next-to-play";
import { seasonName } from "./describe";
import { Episode } from "./episode";

const t = texts("work", english);
const route = getRouteApi("/work/$key");
type Season = number | null;

/** The seasons as tabs, and the episodes of one: that in the address, else that of the next episode. */
export function Seasons({ units, next }: { units: readonly Unit<Version>[]; next: Next<Version> }) {
  const { season: asked } = route.useSearch();
  const navigate = route.useNavigate();
  const id = useId();
  const seasons = [...new Set(units.map((unit) => unit.season))];
  const wanted = asked === "none" ? null : (asked ?? next.unit.season);
  const shown = seasons.find((one) => one === wanted) ?? seasons[0] ?? null;
  const episodes = units.filter((unit) => unit.season === shown);
  const go = (season: Season) =>
    void navigate({ search: (old) => ({ ...old, season: season ?? "none" }), replace: true, resetScroll: false });
  return (
    <section className="edge py-4">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2 pb-3">
        {seasons.length > 1 ? (
          <Tabs id={id} seasons={seasons} shown={shown} go={go} />
        ) : (
          <h2 className="me-auto text-xl">{seasonName(shown)}</h2>
        )}
        <MarkSeason season={shown} episodes={episodes} />
      </div>
      <div
        {...(seasons.length > 1 ? { role: "tabpanel", id: `${id}-panel`, "aria-labelledby": `${id}-${shown}` } : {})}
      >
        <ul className="-mx-2 grid gap-1">
          {episodes.map((unit) => (
            <Episode key={unit.cuts[0]?.parts[0].file_unique_id} unit={unit} isNext={unit === next.unit} />
          ))}
        </ul>
      </div>
    </section>
  );
}

function Tabs({
  id,
  seasons,
  shown,
  go,
}: {
  id: string;
  seasons: Season[];
  shown: Season;
  go: (season: Season) => void;
}) {
  const move = (event: KeyboardEvent) => {
    const rtl = document.documentElement.dir === "rtl" ? -1 : 1;
    const steps: Record<string, number> = { ArrowRight: rtl, ArrowLeft: -rtl };
    const at = seasons.indexOf(shown) + (steps[event.key] ?? 0);
    const to = event.key === "Home" ? seasons[0] : event.key === "End" ? seasons.at(-1) : seasons[at];
    if (!(event.key in steps || event.key === "Home" || event.key === "End") || to === undefined) return;
    event.preventDefault();
    go(to);
    document.getElementById(`${id}-${to}`)?.focus();
  };
  return (
    <div
      role="tablist"
      aria-label={t.chooseSeason}
      onKeyDown={move}
      className="me-auto flex max-w-full gap-2 overflow-x-auto"
    >
      {seasons.map((season) => (
        <button
          key={String(season)}
          id={`${id}-${season}`}
          type="button"
          role="tab"
          aria-selected={season === shown}
          aria-controls={`${id}-panel`}
          tabIndex={season === shown ? 0 : -1}
          onClick={() => go(season)}
          className="min-h-11 shrink-0 rounded-full px-4 font-medium text-muted transition-colors hover:bg-raised aria-selected:bg-raised aria-selected:text-text"
        >
          {seasonName(season)}
        </button>
      ))}
    </div>
  );
}

function MarkSeason({ season, episodes }: { season: Season; episodes: readonly Unit<Version>[] }) {
  const all = episodes.every((unit) => isFinished(unit));
  const files = all
    ? episodes.flatMap((unit) => unit.cuts.flatMap((cut) => cut.parts))
    : episodes.filter((unit) => !isFinished(unit)).flatMap((unit) => bestCut(unit.cuts)?.parts ?? []);
  return (
    <Button look="ghost" onClick={() => void mark(files, !all, seasonName(season))}>
      {all ? <Icon.Unwatched aria-hidden /> : <Icon.Done aria-hidden />}
      {all ? t.unmarkSeason : t.markSeason}
    </Button>
  );
}
