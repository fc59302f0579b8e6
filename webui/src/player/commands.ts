// What the keys of the player do.

import { texts } from "@/i18n";
import { player as english } from "@/i18n/en/player";
import { clock } from "@/parts/words";
import { setMuted, setRate, setVolume } from "./element";
import type { Engine } from "./engine";
import { type Command, speedAfter } from "./keys";
import type { NextUp } from "./overlays";
import { togglePip } from "./screen";

const t = texts("player", english);

export type Hands = {
  engine: Engine;
  next: NextUp | null;
  fill: () => void;
  say: (text: string) => void;
  corner: (name: "stats" | "help") => void;
};

export function run(command: Command, { engine, next, fill, say, corner }: Hands): void {
  const { duration, volume, muted, rate } = engine.store.get();
  const moved = (to: number) => {
    engine.seek(to);
    say(t.saidAt(clock(engine.store.get().time)));
  };
  const acts: { [K in Command["do"]]: (value: number) => void } = {
    toggle: () => engine.toggle(),
    move: (by) => moved((engine.media?.currentTime ?? 0) + by),
    percent: (to) => moved((duration * to) / 100),
    start: () => moved(0),
    end: () => moved(duration),
    volume: (by) => {
      setVolume(engine.media, (muted ? 0 : volume) + by);
      say(t.saidVolume(t.percent(Math.round(Math.min(1, Math.max(0, volume + by)) * 100))));
    },
    mute: () => {
      setMuted(engine.media, !muted);
      say(muted ? t.unmute : t.saidMuted);
    },
    speed: (by) => {
      setRate(engine.media, speedAfter(rate, by));
      say(t.saidSpeed(`${speedAfter(rate, by)}×`));
    },
    frame: (by) => engine.move(by / (engine.store.get().facts?.tracks.find((one) => one.frame_rate)?.frame_rate ?? 25)),
    captions: () => engine.captions.toggle(),
    full: fill,
    pip: () => void togglePip(engine.media),
    next: () => next?.go(),
    stats: () => corner("stats"),
    help: () => corner("help"),
  };
  acts[command.do]("by" in command ? command.by : "to" in command ? command.to : 0);
}
