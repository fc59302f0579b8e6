import { useState } from "react";
import { count, texts } from "@/i18n";
import { music as english } from "@/i18n/en/music";
import { Button, IconButton } from "@/parts/button";
import * as Icon from "@/parts/icons";
import { duration } from "@/parts/words";
import { clear } from "./control";
import { QueueRows } from "./rows";
import { music } from "./state";
import { useStore } from "./store";

const t = texts("music", english);

/** What comes next, to be put in order. `close` is left out where the panel is a part of a larger view. */
export function QueuePanel({ close }: { close?: () => void }) {
  const [said, say] = useState("");
  const entries = useStore(music, ({ queue }) => queue.entries);
  const length = entries.reduce((sum, one) => sum + (one.track?.duration ?? 0), 0);
  return (
    <div className="flex min-h-0 flex-1 flex-col gap-1">
      <div className="flex min-h-11 items-center gap-2 ps-2">
        <h2 className="text-lg">{t.queue}</h2>
        <p className="me-auto text-sm text-muted">
          {[t.songCount(entries.length), length ? duration(length) : ""].filter(Boolean).join(" · ")}
        </p>
        <Button look="ghost" onClick={clear}>
          {t.clearQueue}
        </Button>
        {close && (
          <IconButton label={t.closeQueue} onClick={close}>
            <Icon.Close aria-hidden />
          </IconButton>
        )}
      </div>
      <QueueRows say={say} />
      <p id="queue-move" className="sr-only">
        {t.moveHow}
      </p>
      <p role="status" className="sr-only">
        {said || count(entries.length)}
      </p>
    </div>
  );
}
