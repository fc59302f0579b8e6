// Feeds in words, and the form for a new one. Pure.

import type { Feed, NewFeed, TriedItem } from "@/api/feeds";
import { texts } from "@/i18n";
import { leech as english } from "@/i18n/en/leech";
import { relative } from "@/parts/when";
import { duration, legible, visible } from "@/parts/words";

const t = texts("leech", english);

export const NEWEST = 10;
/** Seconds between two looks that can be chosen. */
export const EVERY = [600, 1800, 3600, 21_600, 86_400] as const;
const MOST_WORDS = 50;
const MOST_SIGNS = 100;

/** The form as it is filled in: words parted by commas. */
export type Draft = {
  address: string;
  include: string;
  exclude: string;
  prefer: string;
  every: string;
  existing: boolean;
  titles: boolean;
  pages: boolean;
};
export const EMPTY: Draft = {
  address: "",
  include: "",
  exclude: "",
  prefer: "",
  every: "1800",
  existing: false,
  titles: false,
  pages: false,
};

export const wordsIn = (text: string): string[] => [
  ...new Set(
    text
      .split(/[,;\n،、]/)
      .map((word) => word.trim().replace(/\s+/g, " "))
      .filter(Boolean),
  ),
];

/** What the form asks for, and what is wrong with it: "" where nothing is. */
export function feedOf(draft: Draft): { feed: NewFeed; wrong: string } {
  const rules = [draft.include, draft.exclude, draft.prefer].map(wordsIn);
  const [include = [], exclude = [], prefer = []] = rules;
  const address = draft.address.trim();
  const tooMany = rules.some((words) => words.length > MOST_WORDS || words.some((word) => word.length > MOST_SIGNS));
  const wrong = !/^https?:\/\/\S+$/i.test(address) ? t.feedNoAddress : tooMany ? t.feedTooManyWords : "";
  const { existing, titles, pages } = draft;
  return { feed: { address, include, exclude, prefer, every: Number(draft.every), existing, titles, pages }, wrong };
}

export const feedName = ({ title, address }: Pick<Feed, "title" | "address">): string =>
  legible(visible(title) ? title : address);

/** "2 feeds · 1 asks · 1 fails". */
export function summaryOf(feeds: readonly Feed[]): string {
  if (!feeds.length) return t.feedsNone;
  const asking = feeds.filter(({ question }) => question).length;
  const failing = feeds.filter(({ state }) => state !== "active").length;
  return [t.feedsCount(feeds.length), asking ? t.feedsAsk(asking) : "", failing ? t.feedsFail(failing) : ""]
    .filter(Boolean)
    .join(" · ");
}

export const needsSomebody = (feeds: readonly Feed[]): boolean =>
  feeds.some(({ question, state }) => question !== null || state !== "active");

/** How a feed is: when it is looked at next, or that it is not. `now` in seconds. */
export function feedState(feed: Feed, now: number): string {
  if (feed.state === "stopped" || feed.next_at === null) return t.feedStopped;
  const next = feed.next_at > now ? t.feedNext(relative(feed.next_at, now)) : t.feedNow;
  return feed.state === "failing" ? `${t.feedFailing} · ${next}` : next;
}

/** What a feed has brought. */
export const takenOf = ({ taken, waiting }: Feed): string =>
  [t.feedTaken(taken), waiting ? t.feedWaiting(waiting) : ""].filter(Boolean).join(" · ");

/** The rules of a feed, in a line; "" without any. */
export const rulesOf = ({ include, exclude, prefer }: Pick<Feed, "include" | "exclude" | "prefer">): string =>
  [
    include.length ? t.feedOnly(include.map(legible).join(", ")) : "",
    exclude.length ? t.feedWithout(exclude.map(legible).join(", ")) : "",
    prefer.length ? t.feedBest(prefer.map(legible).join(", ")) : "",
  ]
    .filter(Boolean)
    .join(" · ");

/** Why an item is not taken; "" for one that is. */
export function whyNot({ taken, why, word }: Pick<TriedItem, "taken" | "why" | "word">): string {
  if (taken || !why) return "";
  if (why === "excluded") return t.whyExcluded(legible(word));
  const words = {
    seen: t.whySeen,
    old: t.whySeen,
    "not included": t.whyNotIncluded,
    version: t.whyVersion,
    repeated: t.whyRepeated,
    "no file": t.whyNoFile,
    torrent: t.whyTorrent,
    page: t.whyPage,
    scheme: t.whyScheme,
  };
  return words[why];
}

export const everyName = (seconds: number): string => t.feedEvery(duration(seconds));
