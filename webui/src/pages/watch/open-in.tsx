import { useId, useRef, useState } from "react";
import type { FileItem } from "@/api/client";
import { playerAddress } from "@/api/media";
import { texts } from "@/i18n";
import { watch as english } from "@/i18n/en/watch";
import { Button, buttonLook } from "@/parts/button";
import * as Icon from "@/parts/icons";
import { heading } from "@/parts/words";
import { CopyButton } from "./actions";
import { platformOf, playlist, programs } from "./players";

const t = texts("watch", english);

/** Programs that play it, a playlist for the others, and the address itself. */
export function OpenIn({ item }: { item: FileItem; time: () => number }) {
  const [open, show] = useState(false);
  const list = useId();
  const button = useRef<HTMLButtonElement>(null);
  const stream = playerAddress(item);
  const all = programs(stream, heading(item), platformOf(navigator.userAgent, navigator.maxTouchPoints));
  return (
    <>
      <Button ref={button} aria-expanded={open} aria-controls={list} onClick={() => show(!open)}>
        <Icon.OpenIn aria-hidden />
        {t.openIn}
        <Icon.ChevronDown aria-hidden className={open ? "rotate-180" : ""} />
      </Button>
      {open && (
        // biome-ignore lint/a11y/noStaticElementInteractions: only Escape, which closes it
        <div
          id={list}
          className="order-last flex w-full flex-wrap gap-2 rounded-lg bg-surface p-3"
          onKeyDown={(event) => {
            if (event.key !== "Escape") return;
            show(false);
            button.current?.focus();
          }}
        >
          {all.map(({ name, href }) => (
            <a key={name} className={buttonLook()} href={href}>
              {name}
            </a>
          ))}
          <Button onClick={() => save(`${heading(item)}.m3u`, playlist(stream, heading(item), item.duration))}>
            {t.playlist}
          </Button>
          <CopyButton label={t.copyStream} text={() => stream} />
        </div>
      )}
    </>
  );
}

function save(name: string, text: string): void {
  const made = document.createElement("a");
  made.href = URL.createObjectURL(new Blob([text], { type: "audio/x-mpegurl" }));
  made.download = name.replace(/[/\\:*?"<>|]+/g, "_");
  made.click();
  setTimeout(() => URL.revokeObjectURL(made.href), 10_000);
}
