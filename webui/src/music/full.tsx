import { type CSSProperties, useState } from "react";
import { texts } from "@/i18n";
import { music as english } from "@/i18n/en/music";
import { IconButton } from "@/parts/button";
import * as Icon from "@/parts/icons";
import { useHue } from "@/parts/picture-hue";
import { Screen } from "@/parts/screen";
import { NextButton, PlayButton, PreviousButton, RepeatButton, SeekBar, ShuffleButton } from "./controls";
import { Cover, Names, nameOf } from "./now";
import type { Entry } from "./queue";
import { QueuePanel } from "./queue-panel";

const t = texts("music", english);

/** What plays now over the whole screen of a phone, with the queue behind a button. */
export function FullView({ entry, close }: { entry: Entry; close: () => void }) {
  const [queue, showQueue] = useState(false);
  const hue = useHue(nameOf(entry), entry.track?.placeholder ?? null);
  return (
    <Screen label={t.nowPlaying} close={close} className="bg-page">
      <div
        style={{ "--hue": hue } as CSSProperties}
        className="ambient edge flex h-full flex-col gap-4 pt-[env(safe-area-inset-top)] pb-[calc(env(safe-area-inset-bottom)+1rem)]"
      >
        <div className="flex items-center justify-between pt-2">
          <IconButton label={t.closePlaying} onClick={close}>
            <Icon.ChevronDown aria-hidden />
          </IconButton>
          <h1 className="text-base">{t.nowPlaying}</h1>
          <IconButton
            label={queue ? t.closeQueue : t.openQueue}
            aria-pressed={queue}
            onClick={() => showQueue(!queue)}
            className={queue ? "text-accent" : ""}
          >
            <Icon.Queue aria-hidden />
          </IconButton>
        </div>
        {queue ? (
          <QueuePanel />
        ) : (
          <div className="grid min-h-0 flex-1 place-items-center">
            <Cover entry={entry} large className="h-auto max-h-full w-full max-w-96 rounded-lg shadow-(--shadow)" />
          </div>
        )}
        <Names entry={entry} large />
        <SeekBar below />
        <div className="flex items-center justify-between">
          <ShuffleButton />
          <PreviousButton />
          <PlayButton large />
          <NextButton />
          <RepeatButton />
        </div>
      </div>
    </Screen>
  );
}
