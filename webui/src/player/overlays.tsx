// What lies over the picture: where to begin, what comes next, why it does not play.

import { type ReactNode, useEffect, useRef, useState } from "react";
import type { Item } from "@/api/client";
import { downloadOf, playerAddress } from "@/api/media";
import { whoAsks } from "@/api/query";
import { texts } from "@/i18n";
import { player as english } from "@/i18n/en/player";
import { Button, buttonLook } from "@/parts/button";
import { clock } from "@/parts/words";
import type { Engine } from "./engine";
import * as Icon from "./icons";
import css from "./player.module.css";
import { useStore } from "./store";
import type { Trouble } from "./trouble";

const t = texts("player", english);

/** "Resume 41:20" or "Start over". */
export function Resume({ at, resume, over }: { at: number; resume: () => void; over: () => void }) {
  return (
    <div className={css.over}>
      <div className="flex flex-wrap justify-center gap-3">
        <Button look="strong" autoFocus onClick={resume} className="px-6 text-base">
          <Icon.Play aria-hidden />
          {t.resume(clock(Math.floor(at)))}
        </Button>
        <Button onClick={over} className="text-base">
          <Icon.Back aria-hidden />
          {t.startOver}
        </Button>
      </div>
    </div>
  );
}

export type NextUp = { name: string; mark: string; frame: ReactNode; go: () => void };
const SHOWN = 20; // seconds before the end

/** What comes next, shortly before the end; begins by itself after it, unless that is cancelled. */
export function NextCard({ engine, next, byItself }: { engine: Engine; next: NextUp; byItself: boolean }) {
  const left = useStore(engine.store, (state) => (state.duration ? Math.ceil(state.duration - state.time) : Infinity));
  const ended = useStore(engine.store, (state) => state.ended);
  const [cancelled, cancel] = useState(false);
  const go = useRef(next.go);
  go.current = next.go;
  useEffect(() => {
    if (ended && byItself && !cancelled) go.current();
  }, [ended, byItself, cancelled]);
  if (cancelled || (left > SHOWN && !ended)) return null;
  return (
    <section className={css.card} aria-label={t.upNext} data-controls="">
      <p className="pb-2 text-sm text-muted">{byItself && !ended ? t.nextIn(Math.max(0, left)) : t.upNext}</p>
      <div className="flex gap-3">
        <div className="w-28 shrink-0">{next.frame}</div>
        <p dir="auto" className="line-clamp-3 min-w-0 wrap-anywhere">
          {next.mark && <span className="block text-sm text-muted">{next.mark}</span>}
          {next.name}
        </p>
      </div>
      <div className="flex gap-2 pt-3">
        <Button look="strong" onClick={next.go} className="grow">
          <Icon.Skip aria-hidden />
          {t.playNext}
        </Button>
        <Button onClick={() => cancel(true)}>{t.cancel}</Button>
      </div>
    </section>
  );
}

/** Why it does not play, and what can be done now. */
export function TroubleCard({
  trouble,
  item,
  retry,
  downloads,
}: {
  trouble: Trouble;
  item: Item;
  retry: () => void;
  downloads: boolean;
}) {
  const titles = {
    cannot: item.kind === "video" ? t.cannotTitle : t.cannotSoundTitle,
    broken: t.brokenTitle,
    gone: t.goneTitle,
    expired: t.expiredTitle,
  };
  const elsewhere = trouble.kind === "cannot" || trouble.kind === "broken";
  useEffect(() => {
    if (trouble.kind === "expired") whoAsks();
  }, [trouble]);
  return (
    <section role="alert" data-trouble={trouble.kind} className={`${css.over} z-3`}>
      <h2 className="text-xl max-sm:text-base">{titles[trouble.kind]}</h2>
      <p className="max-w-2xl text-pretty text-muted max-sm:text-sm">
        {trouble.why} {elsewhere && t.whatNow}
      </p>
      <div className="flex flex-wrap justify-center gap-3">
        {trouble.again && (
          <Button look="strong" onClick={retry}>
            {t.tryAgain}
          </Button>
        )}
        {elsewhere && (
          <a className={buttonLook(trouble.again ? "plain" : "strong")} href={`vlc://${playerAddress(item)}`}>
            {t.openInVlc}
          </a>
        )}
        {elsewhere && downloads && (
          <a className={buttonLook()} href={downloadOf(item)} download>
            {t.download}
          </a>
        )}
      </div>
    </section>
  );
}
