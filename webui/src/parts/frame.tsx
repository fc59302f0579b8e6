import { type CSSProperties, type ReactNode, useState } from "react";
import { given } from "@/api/address";
import type { Item } from "@/api/client";
import { type ThumbWidth, thumbOf } from "@/api/media";
import { hueOf } from "./hue";
import * as Icon from "./icons";
import { heading, isSound } from "./words";

export type Shown = Pick<Item, "title" | "caption" | "name" | "kind" | "date" | "thumb_url" | "placeholder"> &
  Partial<Pick<Item, "width" | "height">>;
export type Shape = "wide" | "square" | "free";

const SHAPES: Record<Shape, string> = { wide: "aspect-video", square: "aspect-square", free: "" };
/** Their length may stand in the corner. */
const TIMED = new Set<Item["kind"]>(["video", "audio", "voice", "animation", "video_note"]);
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
  urgent = false,
  children,
}: {
  item: Shown;
  shape?: Shape;
  width?: ThumbWidth;
  alt?: string;
  className?: string;
  /** A watermark such as S2 E5 or a year, shown on the art. */
  mark?: string;
  /** Fetched at once, in sight or not. */
  eager?: boolean;
  /** The picture that a page is opened for: fetched before others. */
  urgent?: boolean;
  /** What lies over the picture, within its corners. */
  children?: ReactNode;
}) {
  const [failed, fail] = useState(false);
  const source = failed ? null : thumbOf(item, width);
  const title = heading(item);
  const chosen = shape ?? (isSquare(item) ? "square" : "wide");
  return (
    <div
      style={{ "--hue": hueOf(title) } as CSSProperties}
      className={`ambient relative overflow-hidden rounded-md ${SHAPES[chosen]} ${className}`}
    >
      {source ? (
        <Picture
          key={source}
          source={source}
          behind={placeholderOf(item)}
          whole={chosen === "wide" && isUpright(item)}
          alt={alt}
          eager={eager || urgent}
          urgent={urgent}
          onError={() => fail(true)}
        />
      ) : (
        <Art title={title} kind={item.kind} mark={mark} label={alt} />
      )}
      {children}
    </div>
  );
}

const isSquare = (item: Shown) => isSound(item.kind) || item.kind === "sticker" || item.kind === "video_note";
/** Whether a wide frame would cut most of the picture away. */
const isUpright = (item: Shown) => isSquare(item) || (item.height ?? 0) > (item.width ?? 0);

const placeholderOf = (item: Shown) =>
  item.placeholder?.startsWith("data:image/") ? item.placeholder : given(item.placeholder);

/** The picture over its placeholder, which stays behind one that does not fill the frame. */
function Picture({
  source,
  behind,
  whole,
  alt,
  eager,
  urgent,
  onError,
}: {
  source: string;
  behind: string | null;
  whole: boolean;
  alt: string;
  eager: boolean;
  urgent: boolean;
  onError: () => void;
}) {
  const [loaded, load] = useState(false);
  return (
    <>
      {behind && (whole || !loaded) && (
        <img
          src={behind}
          alt=""
          draggable={false}
          className="absolute inset-0 size-full scale-110 object-cover opacity-80 blur-md"
        />
      )}
      <img
        src={source}
        alt={alt}
        loading={eager ? "eager" : "lazy"}
        fetchPriority={urgent ? "high" : undefined}
        decoding="async"
        draggable={false}
        onLoad={() => load(true)}
        onError={onError}
        className={`absolute inset-0 size-full ${whole ? "object-contain" : "object-cover"}`}
      />
    </>
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
    <div {...named} className="art @container absolute inset-0 flex flex-col justify-end overflow-hidden p-[8%]">
      <Sign aria-hidden className="absolute -end-[6%] -top-[10%] size-[55%] opacity-15" strokeWidth={1} />
      {mark && (
        <span className="absolute start-[8%] top-[6%] font-serif text-base opacity-80 @max-[7rem]:hidden">{mark}</span>
      )}
      <span
        dir="auto"
        className={`line-clamp-3 font-serif ${TIMED.has(kind) ? "pe-9" : ""} text-base leading-tight text-balance wrap-anywhere @max-[10rem]:text-sm @max-[6rem]:hidden`}
      >
        {title}
      </span>
    </div>
  );
}
