import { Link } from "@tanstack/react-router";
import { Fragment, useEffect, useRef, useState } from "react";
import { opensLists } from "@/api/address";
import type { FileItem } from "@/api/client";
import type { Facts } from "@/api/facts";
import { texts } from "@/i18n";
import { watch as english } from "@/i18n/en/watch";
import { bytes, day, duration, episodeOf, extension, heading, legible, visible } from "@/parts/words";
import type { Engine } from "@/player/engine";
import { channelsName, codecName, trackName } from "@/player/names";
import { Actions } from "./actions";
import { useEngineState } from "./use-engine-state";

const t = texts("watch", english);

/** What the file is: its title, what belongs to it, its text, what it is made of. */
export function About({ item, engine, downloads }: { item: FileItem; engine: Engine | null; downloads: boolean }) {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus({ preventScroll: true }), []);
  const mark = episodeOf(item.facts);
  const work = opensLists() && item.kind === "video" ? item.facts?.work : "";
  const line = [mark, item.facts?.year, legible(item.performer)].filter(Boolean).join(" · ");
  return (
    <section className="grid gap-4 py-4 max-sm:px-4">
      <div>
        <h1 ref={title} tabIndex={-1} className="text-2xl wrap-anywhere">
          <bdi>{heading(item)}</bdi>
        </h1>
        {(line || work) && (
          <p className="pt-1 text-base wrap-anywhere text-muted">
            {work ? (
              <Link
                to="/work/$key"
                params={{ key: work }}
                className="-my-2.5 inline-flex min-h-11 min-w-11 items-center underline-offset-4 hover:text-text hover:underline"
              >
                {[legible(item.facts?.title ?? ""), line].filter(Boolean).join(" · ")}
              </Link>
            ) : (
              line
            )}
          </p>
        )}
      </div>
      <Actions item={item} downloads={downloads} />
      {visible(item.caption) && <Caption text={legible(item.caption)} />}
      <Details item={item} engine={engine} />
    </section>
  );
}

const LONG = 400; // characters

function Caption({ text }: { text: string }) {
  const [whole, show] = useState(text.length <= LONG);
  return (
    <div>
      <p
        dir="auto"
        className={`max-w-prose text-base whitespace-pre-line text-pretty wrap-anywhere ${whole ? "" : "line-clamp-4"}`}
      >
        {text}
      </p>
      {text.length > LONG && (
        <button type="button" className="min-h-11 text-accent" onClick={() => show(!whole)}>
          {whole ? t.less : t.whole}
        </button>
      )}
    </div>
  );
}

function Details({ item, engine }: { item: FileItem; engine: Engine | null }) {
  const facts = useEngineState(engine, (state) => state.facts);
  const channel = item.origins.find((one) => one.chat_id === item.chat_id)?.chat_title;
  const rows: [string, React.ReactNode][] = [
    [t.length, item.duration ? duration(item.duration) : ""],
    [t.picture, pictureOf(item, facts)],
    [t.sound, namesOf(facts, "audio")],
    [t.subtitles, namesOf(facts, "subtitle")],
    [t.size, bytes(item.size)],
    [t.type, extension(item)],
    [t.date, day(item.date)],
    [
      t.channel,
      opensLists() ? (
        <Link
          key="channel"
          to="/channels/$chat"
          params={{ chat: String(item.chat_id) }}
          className="-my-3 inline-flex min-h-11 min-w-11 items-center underline underline-offset-4"
        >
          <bdi>{legible(channel ?? "") || item.chat_id}</bdi>
        </Link>
      ) : (
        legible(channel ?? "")
      ),
    ],
  ];
  return (
    <section aria-label={t.facts}>
      <dl className="grid max-w-3xl grid-cols-[max-content_minmax(0,1fr)] gap-x-6 gap-y-2">
        {rows
          .filter(([, value]) => value)
          .map(([name, value]) => (
            <Fragment key={name}>
              <dt className="text-muted">{name}</dt>
              <dd className="m-0 wrap-anywhere">
                <bdi>{value}</bdi>
              </dd>
            </Fragment>
          ))}
      </dl>
    </section>
  );
}

function pictureOf(item: FileItem, facts: Facts | null): string {
  const video = facts?.tracks.find((track) => track.type === "video");
  const [width, height] = [video?.width ?? item.width, video?.height ?? item.height];
  return [
    width && height ? `${width} × ${height}` : "",
    video && codecName(video.codec),
    video?.frame_rate ? `${Math.round(video.frame_rate * 100) / 100} fps` : "",
    video?.hdr,
  ]
    .filter(Boolean)
    .join(" · ");
}

function namesOf(facts: Facts | null, type: "audio" | "subtitle"): string {
  const tracks = facts?.tracks.filter((track) => track.type === type) ?? [];
  return tracks
    .map((track, at) => {
      const more = [codecName(track.codec), channelsName(track.channels)].filter(Boolean).join(" ");
      const name = trackName(track, tracks.length > 1 ? String(at + 1) : "");
      return name ? `${name} (${more})` : more;
    })
    .join(", ");
}
