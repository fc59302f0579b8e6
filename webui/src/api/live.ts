// One connection for the events of all parts of a tab: browsers give a server six connections, and films need some.
// What the events say goes into the cache of queries, where pages read it.

import { useEffect, useSyncExternalStore } from "react";
import type { Schemas } from "./client";
import { type Connection, listen, type Told, type Topic } from "./events";
import { paced } from "./pace";
import { queries } from "./query";
import { isOnlyAdded, refreshLists } from "./refresh";

export type Link = {
  connection: Connection;
  /** When it is tried again, in milliseconds; null while it is not away. */
  again: number | null;
  /** How often it was tried in vain, one after another. */
  failures: number;
};

type Listen = typeof listen;

/** Keeps a connection for the topics that are wanted; a topic more or less makes a new one, with the present state. */
export function liveConnection(open: Listen, told: (event: Told) => void, back: () => void, now = Date.now) {
  const wanted = new Map<Topic, number>();
  const watchers = new Set<() => void>();
  let link: Link = { connection: "closed", again: null, failures: 0 };
  let leaving: AbortController | undefined;
  let openFor = "";

  function show(next: Link) {
    link = next;
    for (const tell of watchers) tell();
  }

  function state(connection: Connection, seconds = 0) {
    const lost = link.failures > 0;
    if (connection === "away") return show({ connection, again: now() + seconds * 1000, failures: link.failures + 1 });
    show({ connection, again: null, failures: connection === "live" ? 0 : link.failures });
    if (connection === "live" && lost) back();
  }

  function restart() {
    leaving?.abort();
    const topics = [...wanted.keys()].sort();
    openFor = topics.join();
    if (!topics.length) return show({ connection: "closed", again: null, failures: 0 });
    const own = new AbortController();
    leaving = own;
    void open(topics, own.signal, told, (connection, again) => own.signal.aborted || state(connection, again));
  }

  function changed() {
    queueMicrotask(() => {
      if ([...wanted.keys()].sort().join() !== openFor) restart();
    });
  }

  return {
    restart,
    link: () => link,
    watch(tell: () => void) {
      watchers.add(tell);
      return () => watchers.delete(tell);
    },
    /** Wants topics until the returned function is called. */
    want(topics: readonly Topic[]) {
      for (const topic of topics) wanted.set(topic, (wanted.get(topic) ?? 0) + 1);
      changed();
      return () => {
        for (const topic of topics) {
          const left = (wanted.get(topic) ?? 1) - 1;
          if (left) wanted.set(topic, left);
          else wanted.delete(topic);
        }
        changed();
      };
    },
  };
}

export type Walk = Schemas["Walk"];
export type Condition = Schemas["Condition"];
export type DataCentre = Schemas["DataCentre"];
export type Stream = {
  who: string;
  chat_id: number;
  message_id: number;
  name: string;
  since: number;
  bytes: number;
};
export type Streams = { active: number; bytes: number; viewers: Stream[] };
export type Accounts = { conditions: Condition[]; accounts: DataCentre[] };

/** The walks after an event: all of them with the present state, else those that have changed. */
export function mergedWalks(before: readonly Walk[], told: readonly Walk[], snapshot: boolean): Walk[] {
  if (snapshot) return [...told];
  const changed = new Map(told.map((walk) => [walk.chat_id, walk]));
  const kept = before.map((walk) => {
    const now = changed.get(walk.chat_id);
    changed.delete(walk.chat_id);
    return now ?? walk;
  });
  return [...changed.values(), ...kept];
}

const lists = paced((inside) => void refreshLists(inside));

const hearers = new Map<Topic, (data: Told["data"]) => void>();

/** Has what is told of a topic kept by a part of the page that is loaded when it is needed. */
export const hear = (topic: Topic, told: (data: Told["data"]) => void) => void hearers.set(topic, told);

function keep({ topic, data }: Told): void {
  hearers.get(topic)?.(data);
  if (topic === "accounts" || topic === "streams") queries.setQueryData([topic], data);
  if (topic === "index") {
    const told = (data as { walks?: Walk[] }).walks ?? [];
    queries.setQueryData<{ walks: Walk[] }>(["index"], (before) => ({
      walks: mergedWalks(before?.walks ?? [], told, data.snapshot === true),
    }));
    if (told.some(({ state }) => state === "finished" || state === "failed")) lists.settled();
  }
  if (topic === "catalog" && !data.snapshot) lists.changed(!isOnlyAdded(data));
}

export const live = liveConnection(listen, keep, () => void queries.invalidateQueries());

export const useLink = () => useSyncExternalStore(live.watch, live.link);

/** Listens to topics, given as one text such as "index,accounts", while the component is shown. */
export function useTopics(topics: string): void {
  useEffect(() => {
    const list = topics ? (topics.split(",") as Topic[]) : [];
    return list.length ? live.want(list) : undefined;
  }, [topics]);
}
