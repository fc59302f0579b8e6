// Statistics for those who want to know, and the list of keys.

import { Fragment, useEffect, useState } from "react";
import { count, texts } from "@/i18n";
import { player as english } from "@/i18n/en/player";
import { bytes } from "@/parts/words";
import { Control } from "./control";
import type { Engine } from "./engine";
import * as Icon from "./icons";
import css from "./player.module.css";
import { ahead, type PlayerState } from "./state";
import { useStore } from "./store";
import { whyNot } from "./trouble";

const t = texts("player", english);

export const wayName = (way: string | null): string =>
  ({ direct: t.wayDirect, hls: t.wayHls, "hls.js": t.wayScript, player: t.wayPlayer })[way ?? "direct"] ?? "";

export default function Corner({ engine, name, close }: { engine: Engine; name: "stats" | "help"; close: () => void }) {
  const title = name === "stats" ? t.statistics : t.keys;
  return (
    <section className={css.corner} aria-label={title} data-controls="">
      <div className="flex items-center justify-between gap-4">
        <h2 className="font-sans text-md">{title}</h2>
        <Control label={t.close} onClick={close} className="-me-2">
          <Icon.Close aria-hidden />
        </Control>
      </div>
      {name === "stats" ? <Stats engine={engine} /> : <Help />}
    </section>
  );
}

type Decoded = HTMLMediaElement & { webkitVideoDecodedByteCount?: number; webkitAudioDecodedByteCount?: number };

function Stats({ engine }: { engine: Engine }) {
  const [, look] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => look((before) => before + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  const state = useStore(engine.store, (all) => all);
  const rows = [...tracksOf(state), ...mediaOf(engine, state)].filter(([, value]) => value);
  return (
    <dl className="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-4 gap-y-1" data-stats="">
      {rows.map(([name, value]) => (
        <Fragment key={name}>
          <dt className="text-muted">{name}</dt>
          <dd dir="auto" className="m-0 max-w-md wrap-anywhere">
            {value}
          </dd>
        </Fragment>
      ))}
    </dl>
  );
}

function tracksOf({ way, facts, audio }: PlayerState): [string, string][] {
  const video = facts?.tracks.find((track) => track.type === "video");
  const sound = facts?.tracks.find((track) => track.index === audio);
  const picture = video && [
    video.codec_string || video.codec,
    `${video.width}×${video.height}`,
    video.frame_rate && `${video.frame_rate} fps`,
    video.hdr,
  ];
  const heard = sound && [
    sound.codec_string || sound.codec,
    sound.channels && `${sound.channels} ch`,
    sound.sample_rate && `${sound.sample_rate} Hz`,
  ];
  return [
    [t.statWay, wayName(way)],
    [t.statWhy, way === "direct" ? "" : whyNot(facts?.play?.reasons ?? {})],
    [t.statSource, facts?.container ?? ""],
    [t.statPicture, picture ? picture.filter(Boolean).join(" · ") : ""],
    [t.statSound, heard ? heard.filter(Boolean).join(" · ") : ""],
  ];
}

function mediaOf(engine: Engine, state: PlayerState): [string, string][] {
  const media: Decoded | null = engine.media;
  const film = media instanceof HTMLVideoElement ? media : null;
  const frames = film?.getVideoPlaybackQuality?.();
  const decoded = (media?.webkitVideoDecodedByteCount ?? 0) + (media?.webkitAudioDecodedByteCount ?? 0);
  return [
    [t.statSize, film?.videoWidth ? `${film.clientWidth}×${film.clientHeight}` : ""],
    [t.statBuffer, t.seconds(ahead(state.buffered, state.time).toFixed(1))],
    [t.statFrames, frames ? t.ofFrames(count(frames.droppedVideoFrames), count(frames.totalVideoFrames)) : ""],
    [t.statBytes, bytes(engine.loaded || decoded)],
  ];
}

function Help() {
  const keys: [string, string][] = [
    ["Space, K", t.keyPlay],
    ["J, L", t.keyBack],
    ["←, →", t.keyArrows],
    ["↑, ↓", t.keyVolume],
    ["0 – 9", t.keyNumbers],
    ["F", t.keyFull],
    ["M", t.keyMute],
    ["C", t.keySubtitles],
    ["<, >", t.keySpeed],
    [", .", t.keyFrame],
    ["P", t.keyPip],
    ["N", t.keyNext],
    ["I", t.keyStats],
    ["?", t.keyHelp],
  ];
  return (
    <dl className="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-4 gap-y-1">
      {keys.map(([key, what]) => (
        <Fragment key={key}>
          <dt dir="ltr">
            <kbd>{key}</kbd>
          </dt>
          <dd className="m-0 text-muted">{what}</dd>
        </Fragment>
      ))}
    </dl>
  );
}
