// What there is to choose while a film plays: its sounds, its subtitles, speed and version.

import type { RefObject } from "react";
import { texts } from "@/i18n";
import { player as english } from "@/i18n/en/player";
import { choices, choose, SIZES } from "./choices";
import { delayAfter } from "./cues";
import { setRate } from "./element";
import type { Engine } from "./engine";
import * as Icon from "./icons";
import { SPEEDS } from "./keys";
import { channelsName, codecName, trackName } from "./names";
import { type Option, Options, Panel } from "./panel";
import css from "./player.module.css";
import { useStore } from "./store";

const t = texts("player", english);
export type PanelName = "sound" | "subtitles" | "settings";
export type VersionChoice = { options: readonly Option<string>[]; value: string; choose: (value: string) => void };
type Shared = { engine: Engine; opener: RefObject<HTMLElement | null>; close: () => void };

/** The name of a speed: "Normal", "1.5×". */
export const speedName = (rate: number) => (rate === 1 ? t.normal : `${rate}×`);

export default function Panels({
  name,
  versions,
  say,
  ...shared
}: Shared & { name: PanelName; versions: VersionChoice | null; say: (text: string) => void }) {
  if (name === "sound") return <Sound {...shared} say={say} />;
  if (name === "subtitles") return <Subtitles {...shared} say={say} />;
  return <Settings {...shared} versions={versions} say={say} />;
}

function Sound({ engine, say, ...rest }: Shared & { say: (text: string) => void }) {
  const facts = useStore(engine.store, (state) => state.facts);
  const audio = useStore(engine.store, (state) => state.audio);
  const tracks = facts?.tracks.filter((track) => track.type === "audio") ?? [];
  const options = tracks.map((track, at) => ({
    value: track.index,
    name: trackName(track, t.track(at + 1)),
    more: [codecName(track.codec), channelsName(track.channels)].filter(Boolean).join(" "),
  }));
  const change = (index: number) => {
    const track = tracks.find((one) => one.index === index);
    void engine.chooseAudio(index).then((done) => {
      if (!done || !track) return;
      choose({ audio: track.language });
      say(t.saidSound(trackName(track, t.track(1))));
    });
  };
  return (
    <Panel label={t.sound} {...rest}>
      <Options label={t.sound} options={options} value={audio ?? -1} choose={change} repeats />
    </Panel>
  );
}

function Subtitles({ engine, say, ...rest }: Shared & { say: (text: string) => void }) {
  const { subtitles, subtitle, delay } = useStore(engine.store, (state) => state);
  const size = useStore(choices, (state) => state.size);
  const shown = subtitles.filter((one) => one.url);
  const pictures = subtitles.filter((one) => !one.url).map((one, at) => trackName(one, t.track(at + 1)));
  const options = [
    { value: "", name: t.none },
    ...shown.map((one, at) => ({ value: one.id, name: trackName(one, t.track(at + 1)) })),
  ];
  const change = (id: string) => {
    engine.captions.choose(id || null);
    say(t.saidSubtitles(options.find((one) => one.value === id)?.name ?? t.none));
  };
  const delayBy = (step: number) => engine.store.set({ delay: step ? delayAfter(delay, step) : 0 });
  return (
    <Panel label={t.subtitles} {...rest}>
      <Options label={t.subtitles} options={options} value={subtitle ?? ""} choose={change} />
      {pictures.length > 0 && <p className="px-2 text-sm text-muted">{t.asPictures(pictures.join(", "))}</p>}
      {subtitle !== null && (
        <>
          <Options
            label={t.size}
            options={SIZES.map((value) => ({ value, name: t.percent(value * 100) }))}
            value={size}
            choose={(value) => choose({ size: value })}
            chips
          />
          <Delay delay={delay} change={delayBy} />
        </>
      )}
    </Panel>
  );
}

function Delay({ delay, change }: { delay: number; change: (step: number) => void }) {
  const shown = t.seconds(`${delay > 0 ? "+" : ""}${delay.toFixed(1)}`);
  return (
    <fieldset className="m-0 min-w-0 border-0 p-0">
      <legend className="px-2 pb-1 text-sm text-muted">{t.delay}</legend>
      <div className="flex items-center gap-2 px-2">
        <button type="button" className={css.chip} aria-label={t.earlier} onClick={() => change(-0.1)}>
          <Icon.Less aria-hidden className="size-4" />
        </button>
        <output className="min-w-16 text-center tabular-nums" dir="ltr">
          {shown}
        </output>
        <button type="button" className={css.chip} aria-label={t.later} onClick={() => change(0.1)}>
          <Icon.More aria-hidden className="size-4" />
        </button>
        {delay !== 0 && (
          <button type="button" className={css.chip} onClick={() => change(0)}>
            {t.noDelay}
          </button>
        )}
      </div>
    </fieldset>
  );
}

function Settings({
  engine,
  versions,
  say,
  ...rest
}: Shared & { versions: VersionChoice | null; say: (text: string) => void }) {
  const rate = useStore(engine.store, (state) => state.rate);
  const autoplay = useStore(choices, (state) => state.autoplay);
  const speed = (value: number) => {
    setRate(engine.media, value);
    say(t.saidSpeed(speedName(value)));
  };
  return (
    <Panel label={t.settings} {...rest}>
      <Options
        label={t.speed}
        options={SPEEDS.map((value) => ({ value: Number(value), name: speedName(value) }))}
        value={rate}
        choose={speed}
        chips
      />
      {versions && versions.options.length > 1 && (
        <Options label={t.version} options={versions.options} value={versions.value} choose={versions.choose} />
      )}
      <label className={css.option}>
        <input type="checkbox" checked={autoplay} onChange={(event) => choose({ autoplay: event.target.checked })} />
        {t.autoplay}
      </label>
    </Panel>
  );
}
