import { type CSSProperties, useState } from "react";
import { given } from "@/api/address";
import type { Item } from "@/api/client";
import { type ThumbWidth, thumbOf } from "@/api/media";
import { hueOf } from "./hue";
import * as Icon from "./icons";
import { heading, isSound } from "./words";

type Shown = Pick<Item, "title" | "caption" | "name" | "kind" | "date" | "thumb_url" | "placeholder">;
type Shape = "wide" | "square" | "free";

const SHAPES: Record<Shape, string> = { wide: "aspect-video", square: "aspect-square", free: "" };
const SIGNS = {
  video: Icon.Film,
  animation: Icon.Film,
  video_note: Icon.Film,
  audio: Icon.Music,
  voice: Icon.Music,
  photo: Icon.Photo,
  sticker: Icon.Photo,
  document: Icon.Document,
};

/**
 * The picture of a file in its final geometry: the placeholder at once, then the picture; without one its art, a
 * gradient of its hue with the title as type. Decoration: the name stands beside it, or `alt` says it.
 */
export function Frame({
  item,
  shape,
  width = 320,
  alt = "",
  className = "",
  mark = "",
  eager = false,
}: {
  item: Shown;
  shape?: Shape;
  width?: ThumbWidth;
  alt?: string;
  className?: string;
  /** A watermark such as S2 E5 or a year, shown on the art. */
  mark?: string;
  eager?: boolean;
}) {
  const [failed, fail] = useState(false);
  const [loaded, load] = useState(false);
  const source = failed ? null : thumbOf(item, width);
  const behind = item.placeholder?.startsWith("data:image/") ? item.placeholder : given(item.placeholder);
  const title = heading(item);
  const square = isSound(item.kind) || item.kind === "sticker" || item.kind === "video_note";
  return (
    <div
      style={{ "--hue": hueOf(title) } as CSSProperties}
      className={`ambient relative overflow-hidden rounded-md ${SHAPES[shape ?? (square ? "square" : "wide")]} ${className}`}
    >
      {source ? (
        <>
          {behind && !loaded && (
            <img src={behind} alt="" className="absolute inset-0 size-full scale-110 object-cover blur-md" />
          )}
          <img
            src={source}
            alt={alt}
            loading={eager ? "eager" : "lazy"}
            decoding="async"
            onLoad={() => load(true)}
            onError={() => fail(true)}
            className="absolute inset-0 size-full object-cover"
          />
        </>
      ) : (
        <Art title={title} kind={item.kind} mark={mark} label={alt} />
      )}
    </div>
  );
}

/** Art of a title alone: no request. `label` names it for those who do not see it, "" where a name stands beside it. */
export function Art({
  title,
  kind,
  mark = "",
  label = "",
}: {
  title: string;
  kind: Item["kind"];
  mark?: string;
  label?: string;
}) {
  const Sign = SIGNS[kind];
  const named = label ? { role: "img", "aria-label": label } : { "aria-hidden": true };
  return (
    <div {...named} className="art absolute inset-0 flex flex-col justify-end overflow-hidden p-3">
      <Sign aria-hidden className="absolute -end-3 -top-3 size-24 opacity-15" strokeWidth={1} />
      {mark && <span className="absolute start-3 top-2 font-serif text-lg opacity-80">{mark}</span>}
      <span dir="auto" className="line-clamp-3 font-serif text-base leading-tight text-balance wrap-anywhere">
        {title}
      </span>
    </div>
  );
}
