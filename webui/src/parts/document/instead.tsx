import type { CSSProperties } from "react";
import type { Item } from "@/api/client";
import { downloadOf, streamOf } from "@/api/media";
import { texts } from "@/i18n";
import { documents as english } from "@/i18n/en/documents";
import { buttonLook } from "../button";
import { hueOf } from "../hue";
import * as Icon from "../icons";
import { bytes, extension, heading } from "../words";

const t = texts("documents", english);

export type Shown = Pick<
  Item,
  "chat_id" | "message_id" | "stream_url" | "size" | "name" | "mime_type" | "title" | "caption" | "kind" | "date"
>;

/** In place of a document that cannot be shown: why, and what can be done with it. */
export function Instead({ item, why = t.notShown, open = false }: { item: Shown; why?: string; open?: boolean }) {
  return (
    <section
      style={{ "--hue": hueOf(heading(item)) } as CSSProperties}
      className="ambient grid min-h-80 w-full place-content-center justify-items-center gap-4 rounded-lg p-6 text-center"
    >
      <p className="font-serif text-2xl">{extension(item)}</p>
      <p className="max-w-xl text-pretty text-muted">{why}</p>
      <div className="flex flex-wrap justify-center gap-3">
        {open && (
          <a href={streamOf(item)} target="_blank" rel="noopener noreferrer" className={buttonLook()}>
            <Icon.Open aria-hidden />
            {t.open}
          </a>
        )}
        <a href={downloadOf(item)} download={item.name} className={buttonLook("strong")}>
          <Icon.Download aria-hidden />
          {t.downloadSize(bytes(item.size))}
        </a>
      </div>
    </section>
  );
}
