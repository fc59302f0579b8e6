import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useRef } from "react";
import type { Stream } from "@/api/live";
import { streamsQuery } from "@/api/stats";
import { texts } from "@/i18n";
import { manage as english } from "@/i18n/en/manage";
import { Moment } from "@/parts/moment";
import { Nothing, Panel, Rows } from "@/parts/panel";
import { bytes, legible } from "@/parts/words";
import { type Seen, streamRates } from "./history";
import { usePeopleNames, whoOf } from "./names";

const t = texts("manage", english);

const keyOf = (stream: Stream) => `${stream.who} ${stream.chat_id}/${stream.message_id} ${stream.since}`;

/** Who watches what, and how fast it goes. */
export function Viewers({ owner }: { owner: boolean }) {
  const { data, dataUpdatedAt } = useQuery({ ...streamsQuery, enabled: owner });
  const seen = useRef<{ at: number; rates: Map<string, Seen> }>({ at: 0, rates: new Map() });
  if (data && seen.current.at !== dataUpdatedAt) {
    seen.current = {
      at: dataUpdatedAt,
      rates: streamRates(seen.current.rates, data.viewers, keyOf, dataUpdatedAt / 1000),
    };
  }
  return (
    <Panel title={t.viewers}>
      {!owner ? (
        <Nothing>{t.ownersOnly}</Nothing>
      ) : data?.viewers.length ? (
        <Rows label={t.viewers}>
          {data.viewers.map((stream) => (
            <Viewer key={keyOf(stream)} stream={stream} rate={seen.current.rates.get(keyOf(stream))?.rate ?? 0} />
          ))}
        </Rows>
      ) : (
        <Nothing>{t.nobody}</Nothing>
      )}
    </Panel>
  );
}

function Viewer({ stream, rate }: { stream: Stream; rate: number }) {
  const nameOf = usePeopleNames();
  const who = whoOf(stream.who);
  const name = who.is === "person" ? nameOf(who.id) : who.is === "link" ? t.link : t.somebody(who.at);
  return (
    <li className="grid gap-x-4 gap-y-1 sm:grid-cols-[1fr_auto]">
      <div className="min-w-0">
        <Link
          to="/watch/$chat/$message"
          params={{ chat: String(stream.chat_id), message: String(stream.message_id) }}
          dir="auto"
          className="inline-flex min-h-11 min-w-11 items-center font-medium hover:underline"
        >
          <span className="line-clamp-2 wrap-anywhere">{legible(stream.name)}</span>
        </Link>
        <p dir="auto" className="text-sm text-muted wrap-anywhere">
          {name}
        </p>
      </div>
      <div className="text-sm text-muted tabular-nums sm:text-end">
        <p className="text-text">{t.perSecond(bytes(Math.round(rate)))}</p>
        <p>
          {t.sent(bytes(stream.bytes))} · <Moment unix={stream.since} />
        </p>
      </div>
    </li>
  );
}
