import { type ComponentType, type CSSProperties, useState } from "react";
import { given } from "@/api/address";
import type { Item } from "@/api/client";
import { thumbOf } from "@/api/media";
import { hueOf } from "./hue";
import * as Icon from "./icons";
import { heading } from "./words";

type Shown = Pick<Item, "title" | "caption" | "name" | "kind" | "date" | "thumb_url" | "placeholder">;
type Sign = ComponentType<{ "aria-hidden"?: boolean; className?: string; strokeWidth?: number }>;

const SIGNS: Partial<Record<Item["kind"], Sign>> = {
  audio: Icon.Music,
  voice: Icon.Voice,
  photo: Icon.Photo,
  sticker: Icon.Photo,
  document: Icon.Document,
};

/** A small square picture beside a name: what is too small for the art with a title in it. Decoration. */
export function Tile({ item, className = "size-11", sign }: { item: Shown; className?: string; sign?: Sign }) {
  const [failed, fail] = useState(false);
  const source = failed ? null : thumbOf(item, 160);
  const behind = item.placeholder?.startsWith("data:image/") ? item.placeholder : given(item.placeholder);
  const Shown = sign ?? SIGNS[item.kind] ?? Icon.Film;
  return (
    <span
      aria-hidden
      style={{ "--hue": hueOf(heading(item)) } as CSSProperties}
      className={`ambient relative grid shrink-0 place-items-center overflow-hidden rounded-sm ${className}`}
    >
      {source ? (
        <>
          {behind && <img src={behind} alt="" className="absolute inset-0 size-full object-cover" />}
          <img
            src={source}
            alt=""
            loading="lazy"
            decoding="async"
            onError={() => fail(true)}
            className="absolute inset-0 size-full object-cover"
          />
        </>
      ) : (
        <span className="art absolute inset-0 grid place-items-center">
          <Shown aria-hidden className="h-1/2" strokeWidth={1.5} />
        </span>
      )}
    </span>
  );
}
