import type { CSSProperties, ReactNode } from "react";
import type { Item } from "@/api/client";
import { Frame } from "./frame";
import { hueOf } from "./hue";

/** Several files as one picture: four frames, or one; without any a colour of its own with the name as type. */
export function Mosaic({ items, title, children }: { items: readonly Item[]; title: string; children?: ReactNode }) {
  const pictured = items.filter((item) => item.thumb_url);
  const frames = (pictured.length ? pictured : items).slice(0, pictured.length >= 4 ? 4 : 1);
  return (
    <div
      style={{ "--hue": hueOf(title) } as CSSProperties}
      className="ambient relative aspect-video overflow-hidden rounded-md transition-[filter] group-hover:brightness-110"
    >
      {frames.length ? (
        <div className={`absolute inset-0 grid gap-0.5 ${frames.length === 4 ? "grid-cols-2 grid-rows-2" : ""}`}>
          {frames.map((item) => (
            <Frame
              key={item.file_unique_id}
              item={item}
              shape="free"
              width={frames.length === 4 ? 160 : 320}
              className="size-full rounded-none"
            />
          ))}
        </div>
      ) : (
        <div aria-hidden className="art absolute inset-0 grid place-items-end p-[8%]">
          <span dir="auto" className="line-clamp-3 w-full font-serif text-base wrap-anywhere">
            {title}
          </span>
        </div>
      )}
      {children}
    </div>
  );
}
