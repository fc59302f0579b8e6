import { useEffect, useRef, useState } from "react";
import { given } from "@/api/address";
import type { Item } from "@/api/client";
import { streamOf, thumbOf } from "@/api/media";
import { texts } from "@/i18n";
import { photos as english } from "@/i18n/en/photos";
import { beginSounding } from "@/player/exclusive";
import { Button } from "../button";
import { Art } from "../frame";
import * as Icon from "../icons";
import { heading } from "../words";
import { FLAT, fitted, type Lie, type Size } from "./zoom";

const t = texts("photos", english);

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
const moves = (item: Item) =>
  item.kind === "animation" || item.kind === "video_note" || item.mime_type.startsWith("video/");
const drawable = (item: Item) => item.mime_type.startsWith("image/");

export const sizeOf = (item: Item, stage: Size): Size =>
  fitted({ width: item.width ?? 0, height: item.height ?? 0 }, stage);

/** Whether it can be enlarged. */
export const isStill = (item: Item) => !moves(item) && drawable(item);

/** One picture in the size that fits the stage: what is known of it at once, the file itself over that. */
export function Slide({ item, stage, lie, shown }: { item: Item; stage: Size; lie: Lie; shown: boolean }) {
  const size = sizeOf(item, stage);
  const round = item.kind === "video_note" ? "rounded-full" : "";
  const flat = lie === FLAT || lie.scale === 1;
  return (
    <div
      className={`relative overflow-hidden ${flat ? "transition-transform duration-180" : ""} ${round}`}
      style={{
        width: size.width,
        height: size.height,
        transform: `translate(${lie.x}px, ${lie.y}px) scale(${lie.scale})`,
      }}
    >
      <Behind item={item} />
      {moves(item) ? <Moving item={item} shown={shown} /> : <Still item={item} shown={shown} />}
    </div>
  );
}

/** The placeholder and Telegram's small picture: there before the file is. */
function Behind({ item }: { item: Item }) {
  const small = thumbOf(item, 640);
  const first = item.placeholder?.startsWith("data:image/") ? item.placeholder : given(item.placeholder);
  if (item.kind === "sticker") return null; // stickers are seen through
  return (
    <>
      {first && <img src={first} alt="" className="absolute inset-0 size-full object-cover blur-md" />}
      {small && <img src={small} alt="" draggable={false} className="absolute inset-0 size-full object-contain" />}
    </>
  );
}

function Still({ item, shown }: { item: Item; shown: boolean }) {
  const [state, set] = useState<"loading" | "there" | "failed">("loading");
  const [tries, again] = useState(0);
  if (!drawable(item)) {
    return (
      <div className="absolute inset-0">
        <Art title={heading(item)} kind={item.kind} />
        <p className="absolute inset-x-0 bottom-0 bg-black/70 p-4 text-center text-white">{t.notShown}</p>
      </div>
    );
  }
  return (
    <>
      <img
        key={tries}
        src={streamOf(item)}
        alt={heading(item)}
        aria-hidden={!shown}
        draggable={false}
        decoding="async"
        onLoad={() => set("there")}
        onError={() => set("failed")}
        className={`absolute inset-0 size-full object-contain transition-opacity duration-180 ${state === "there" ? "" : "opacity-0"}`}
      />
      {state === "failed" && shown && (
        <div
          role="alert"
          className="absolute inset-0 grid place-content-center justify-items-center gap-3 bg-black/60 p-4 text-center text-white"
        >
          <p className="text-lg">{t.failed}</p>
          <p>{t.failedWhy}</p>
          <Button
            onClick={() => {
              set("loading");
              again(tries + 1);
            }}
          >
            {t.again}
          </Button>
        </div>
      )}
    </>
  );
}

function Moving({ item, shown }: { item: Item; shown: boolean }) {
  const video = useRef<HTMLVideoElement>(null);
  const [playing, setPlaying] = useState(false);
  const silent = item.kind === "animation" || item.kind === "sticker";
  const round = item.kind === "video_note"; // whose corners, and the browser's controls with them, are cut off
  useEffect(() => {
    const player = video.current;
    if (!player) return;
    if (shown && silent && !calm())
      player.play().catch(() => {}); // where the browser refuses, its button is there
    else player.pause();
  }, [shown, silent]);
  const played = () => {
    setPlaying(true);
    const player = video.current;
    if (player && !silent) beginSounding(() => player.pause());
  };
  const toggle = () => (playing ? video.current?.pause() : void video.current?.play().catch(() => {}));
  return (
    <>
      <video
        ref={video}
        src={streamOf(item)}
        controls={shown && !round}
        muted={silent}
        loop={silent && !calm()}
        playsInline
        preload={shown ? "auto" : "metadata"}
        aria-label={heading(item)}
        tabIndex={shown && !round ? 0 : -1}
        onPlay={played}
        onPause={() => setPlaying(false)}
        className="absolute inset-0 size-full object-contain"
      />
      {round && shown && (
        <button
          type="button"
          aria-label={playing ? t.pause : t.play}
          onClick={toggle}
          className="absolute inset-0 grid place-items-center rounded-full focus-visible:outline-offset-[-4px]"
        >
          <span
            className={`grid size-16 place-items-center rounded-full bg-black/60 text-white transition-opacity [&_svg]:size-7 [&_svg]:fill-current ${playing ? "opacity-0" : ""}`}
          >
            {playing ? <Icon.Pause aria-hidden strokeWidth={1} /> : <Icon.Play aria-hidden strokeWidth={1} />}
          </span>
        </button>
      )}
    </>
  );
}
