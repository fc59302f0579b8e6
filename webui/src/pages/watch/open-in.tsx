import { useId, useRef, useState } from "react";
import type { Item } from "@/api/client";
import { playerAddress } from "@/api/media";
import { texts } from "@/i18n";
import { watch as english } from "@/i18n/en/watch";
import { Button, buttonLook } from "@/parts/button";
import { CopyButton } from "@/parts/copy";
import * as Icon from "@/parts/icons";
import { save } from "@/parts/item-menu/save";
import { platformOf, playersFor, playlistOf } from "@/parts/players";
import { heading } from "@/parts/words";

const t = texts("watch", english);

/** The button that shows the programs, and the programs below it. */
export function OpenIn({ item }: { item: Item }) {
  const [open, show] = useState(false);
  const list = useId();
  const button = useRef<HTMLButtonElement>(null);
  return (
    <>
      <Button ref={button} aria-expanded={open} aria-controls={open ? list : undefined} onClick={() => show(!open)}>
        <Icon.OpenIn aria-hidden />
        {t.openIn}
        <Icon.ChevronDown aria-hidden className={open ? "rotate-180" : ""} />
      </Button>
      {open && (
        <Programs
          id={list}
          item={item}
          close={() => {
            show(false);
            button.current?.focus();
          }}
        />
      )}
    </>
  );
}

/** Programs that play it, a playlist for the others, and the address itself. */
function Programs({ id, item, close }: { id: string; item: Item; close: () => void }) {
  const stream = playerAddress(item);
  const name = heading(item);
  return (
    <ul
      id={id}
      aria-label={t.openIn}
      className="order-last m-0 flex w-full list-none flex-wrap gap-2 rounded-lg bg-surface p-3"
      onKeyDown={(event) => event.key === "Escape" && close()}
    >
      {playersFor(stream, name, platformOf(navigator.userAgent, navigator.maxTouchPoints)).map((one) => (
        <li key={one.name}>
          <a className={buttonLook()} href={one.href}>
            {one.name}
          </a>
        </li>
      ))}
      <li>
        <Button onClick={() => save(`${name}.m3u`, "audio/x-mpegurl", playlistOf(stream, name, item.duration))}>
          {t.playlist}
        </Button>
      </li>
      <li>
        <CopyButton label={t.copyStream} words={t.copyStream} text={stream} />
      </li>
    </ul>
  );
}
