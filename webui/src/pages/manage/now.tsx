import { useQuery } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import { useTopics } from "@/api/live";
import { useMe } from "@/api/me";
import { accountsQuery, statsQuery, streamsQuery } from "@/api/stats";
import { count, texts } from "@/i18n";
import { manage as english } from "@/i18n/en/manage";
import { Panel } from "@/parts/panel";
import { bytes } from "@/parts/words";
import { Centres } from "./centres";
import { Chart } from "./chart";
import { Checklist, useHints } from "./checklist";
import { cells, hits, rates, sent } from "./history";
import { Missing } from "./missing";
import { percent, short } from "./numbers";
import { Viewers } from "./viewers";
import { Waiting } from "./waiting";

const t = texts("manage", english);
const EVERY = 2000;
const SILENCE = 3500; // longer than the pause between two events: nothing was sent

/** What happens at this moment: viewers, bytes, the cache, Telegram; and what is still to be done. */
export function Now() {
  const owner = useMe()?.role === "owner";
  useTopics(owner ? "streams" : "");
  useSamples(owner);
  const accounts = useQuery(accountsQuery).data;
  const stats = useQuery(statsQuery).isPending;
  const hints = useHints();
  if (stats || hints === "waiting") return <Waiting />;
  return (
    <>
      <Checklist hints={hints} />
      <Figures owner={owner} />
      <div className="grid gap-5 lg:grid-cols-2">
        {owner && <SentChart />}
        <CellChart />
      </div>
      <Viewers owner={owner} />
      <Panel title={t.centres}>
        <Centres centres={accounts?.accounts ?? []} />
      </Panel>
      <Missing />
    </>
  );
}

/** Samples what the server says every two seconds: no event means that nothing was sent. */
function useSamples(owner: boolean): void {
  const stats = useQuery({ ...statsQuery, refetchInterval: EVERY }).data?.cells;
  const total = useQuery({ ...streamsQuery, enabled: owner }).data?.bytes;
  useEffect(() => {
    if (stats) cells.add({ memory: stats.memory, disk: stats.disk, telegram: stats.telegram });
  }, [stats]);
  useEffect(() => {
    if (total === undefined) return;
    sent.add({ bytes: total });
    const timer = setInterval(() => sent.add({ bytes: total }), SILENCE);
    return () => clearInterval(timer);
  }, [total]);
}

function Figures({ owner }: { owner: boolean }) {
  const stats = useQuery(statsQuery).data;
  const streams = useQuery({ ...streamsQuery, enabled: owner }).data;
  const { values } = rates(useSyncExternalStore(sent.watch, sent.get), ["bytes"]);
  const cached = stats && hits(stats.cells);
  const first = stats?.streams.first_byte_p50 ?? null;
  return (
    <dl className="grid grid-cols-[repeat(auto-fit,minmax(min(11rem,42vw),1fr))] gap-4 max-sm:[&>:last-child:nth-child(odd)]:col-span-full">
      <Figure name={t.watching} value={stats && count(streams?.active ?? stats.streams.active)} />
      {owner && (
        <Figure
          name={t.sending}
          value={streams && t.perSecond(bytes(values[0]?.at(-1) ?? 0))}
          more={streams && t.sinceStart(bytes(streams.bytes))}
        />
      )}
      <Figure
        name={t.cacheHits}
        value={stats && (cached ? percent(cached.served / cached.of) : "–")}
        more={cached ? t.cacheWhy(cached.served, cached.of) : ""}
      />
      <Figure
        name={t.firstByte}
        value={stats && (first === null ? "–" : short(first))}
        more={first === null ? t.noStreamYet : t.slowest(short(stats?.streams.first_byte_p95 ?? first))}
      />
      <Figure
        name={t.waiting}
        value={stats && count(stats.requests.in_flight)}
        more={stats && t.waitingWhy(stats.requests.waiting)}
      />
    </dl>
  );
}

function Figure({ name, value, more }: { name: string; value: string | undefined; more?: string }) {
  return (
    <div className="grid content-start rounded-lg bg-surface p-4">
      <dt className="text-sm text-muted">{name}</dt>
      <dd className="font-serif text-2xl tabular-nums">{value ?? "…"}</dd>
      <dd className="min-h-[1.45em] text-sm text-faint">{more}</dd>
    </div>
  );
}

function SentChart() {
  const { times, values } = rates(useSyncExternalStore(sent.watch, sent.get), ["bytes"]);
  const row = values[0] ?? [];
  const said = (value: number) => t.perSecond(bytes(Math.round(value)));
  return (
    <Panel title={t.rateChart}>
      <Chart
        times={times}
        values={values}
        lines={[{ name: t.rateChart, colour: "accent" }]}
        summary={t.rateSummary(said(row.at(-1) ?? 0), said(Math.max(0, ...row)))}
        format={(value) => bytes(Math.round(value))}
        least={100_000}
      />
    </Panel>
  );
}

const LINES = [
  { name: t.memory, colour: "ok", dot: "bg-ok" },
  { name: t.disk, colour: "accent", dot: "bg-accent" },
  { name: t.telegram, colour: "warn", dot: "bg-muted" },
] as const;

function CellChart() {
  const { times, values } = rates(useSyncExternalStore(cells.watch, cells.get), ["memory", "disk", "telegram"]);
  const [memory = "0", disk = "0", telegram = "0"] = values.map((row) => count(Math.round(row.at(-1) ?? 0)));
  return (
    <Panel
      title={t.cellChart}
      action={
        <ul className="flex flex-wrap gap-x-4 text-sm text-muted">
          {LINES.map((line) => (
            <li key={line.name} className="flex items-center gap-2">
              <span aria-hidden className={`size-2.5 rounded-full ${line.dot}`} />
              {line.name}
            </li>
          ))}
        </ul>
      }
    >
      <Chart
        times={times}
        values={values}
        lines={LINES.map(({ name, colour }) => ({ name, colour: colour === "warn" ? "muted" : colour }))}
        summary={t.cellSummary(memory, disk, telegram)}
        format={(value) => count(Math.round(value * 10) / 10)}
        least={2}
      />
    </Panel>
  );
}
