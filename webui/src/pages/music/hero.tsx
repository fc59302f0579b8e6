import type { CSSProperties, ReactNode } from "react";
import { useEffect, useRef } from "react";
import type { Item } from "@/api/client";
import { texts } from "@/i18n";
import { music as english } from "@/i18n/en/music";
import { playTracks } from "@/music/control";
import { enqueue } from "@/music/edit";
import { Button } from "@/parts/button";
import { Frame } from "@/parts/frame";
import { useTitle } from "@/parts/head";
import * as Icon from "@/parts/icons";
import { useHue } from "@/parts/picture-hue";
import { toast } from "@/parts/toasts";
import { heading } from "@/parts/words";

const t = texts("music", english);

/** The head of an album or artist: its picture in its colour, its name, and what can be done with all of its songs. */
export function Hero({
  title,
  cover,
  songs,
  round = false,
  children,
}: {
  title: string;
  cover: Item;
  songs: readonly Item[];
  round?: boolean;
  children: ReactNode;
}) {
  const head = useRef<HTMLHeadingElement>(null);
  const hue = useHue(heading(cover), cover.placeholder);
  const add = () => {
    enqueue(songs);
    toast(t.enqueued(songs.length));
  };
  useTitle(title);
  useEffect(() => head.current?.focus({ preventScroll: true }), []);
  return (
    <header
      style={{ "--hue": hue } as CSSProperties}
      className="edge relative isolate flex flex-col gap-5 py-6 sm:flex-row sm:items-end md:py-8"
    >
      <div aria-hidden="true" className="ambient absolute inset-0 -start-(--rail) -top-16 -z-10">
        <div className="absolute inset-0 bg-linear-to-b from-transparent from-30% to-page" />
      </div>
      <div className="w-40 shrink-0 md:w-56">
        <Frame
          item={cover}
          shape="square"
          width={640}
          eager
          className={round ? "rounded-full!" : "rounded-lg! shadow-(--shadow)"}
        />
      </div>
      <div className="grid min-w-0 gap-3">
        <h1 ref={head} tabIndex={-1} dir="auto" className="line-clamp-3 text-title wrap-anywhere as-parent">
          {title}
        </h1>
        <div className="text-base text-muted">{children}</div>
        <div className="flex flex-wrap gap-2 pt-1">
          <Button look="strong" onClick={() => playTracks(songs, 0, false)} className="[&_svg]:fill-current">
            <Icon.Play aria-hidden strokeWidth={1} />
            {t.playAll}
          </Button>
          <Button onClick={() => playTracks(songs, 0, true)}>
            <Icon.Shuffle aria-hidden />
            {t.shuffle}
          </Button>
          <Button onClick={add}>
            <Icon.Enqueue aria-hidden />
            {t.enqueue}
          </Button>
        </div>
      </div>
    </header>
  );
}
