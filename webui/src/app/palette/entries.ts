// What the command palette offers: what the server finds, and what this device knows by itself.

import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { ComponentType } from "react";
import { facetsQuery } from "@/api/catalog";
import type { Item, WorkItem } from "@/api/client";
import { collectionsQuery } from "@/api/collections";
import { logOut } from "@/api/login";
import { may, useMe } from "@/api/me";
import { workHere } from "@/api/works";
import { chooseTheme } from "@/app/theme";
import { chooseLanguage, current, LANGUAGES, type Language, texts } from "@/i18n";
import { palette as english } from "@/i18n/en/palette";
import { shell } from "@/i18n/en/shell";
import { lineOf, watchLink } from "@/parts/card";
import type { Shown } from "@/parts/frame";
import * as Icon from "@/parts/icons";
import { tell } from "@/parts/item-actions";
import { nextToPlay } from "@/parts/next-to-play";
import { episodeOf, legible, titleOf } from "@/parts/words";
import { matching } from "./matching";
import { forgetSearches, searches } from "./recent";
import { type Found, foundQuery } from "./search";

const t = texts("palette", english);
const common = texts("shell", shell);

export type Entry = {
  id: string;
  name: string;
  line?: string;
  picture?: Shown;
  icon?: ComponentType<{ "aria-hidden"?: boolean }>;
  open: () => void;
  /** Plays it, where it can be played. */
  play?: () => void;
  /** The text that is searched for instead of closing. */
  search?: string;
};
export type Group = { id: string; title: string; entries: Entry[] };
export type Offer = { groups: Group[]; pending: boolean; failed: boolean; corrected: string };

/** What is offered for a text; `settled` is the text that the server is asked for. */
export function useOffer(text: string, settled: string): Offer {
  const found = useQuery(foundQuery(settled));
  const own = useOwn(text);
  const of = useFound();
  const waits = text.trim() !== settled || found.isFetching;
  const data = text.trim() === settled ? found.data : undefined; // never what was found for another text
  const groups = [...(data ? of(data) : []), ...own].filter(({ entries }) => entries.length);
  return {
    groups,
    pending: text.trim() !== "" && !data && !found.isError && waits,
    failed: found.isError && text.trim() === settled,
    corrected: data?.corrected ?? "",
  };
}

function useFound(): (found: Found) => Group[] {
  const navigate = useNavigate();
  const file = (item: Item): Entry => {
    const watch = () => void navigate(watchLink(item));
    const work = item.kind === "video" && item.facts?.work;
    const open = work ? () => void navigate({ to: "/work/$key", params: { key: work } }) : watch;
    return {
      id: `f${item.chat_id}/${item.message_id}`,
      name: titleOf(item),
      line: lineOf(item),
      picture: item,
      open,
      play: watch,
    };
  };
  const work = (one: WorkItem): Entry => ({
    id: `w${one.key}`,
    name: legible(one.title),
    line: [one.series ? t.series : t.film, one.year, one.files > 1 ? t.count(one.files) : ""]
      .filter(Boolean)
      .join(" · "),
    picture: { ...one, caption: "", name: one.title, kind: "video", date: 0, placeholder: null },
    open: () => void navigate({ to: "/work/$key", params: { key: one.key } }),
    play: () =>
      void workHere(one.key).then((tree) => {
        const next = nextToPlay(tree);
        if (next) void navigate(watchLink(next.file));
      }, tell),
  });
  return ({ works, music, files }) => [
    { id: "works", title: t.films, entries: works.map(work) },
    { id: "music", title: t.music, entries: music.map(file) },
    { id: "files", title: t.files, entries: files.map(file) },
  ];
}

/** Collections, channels, pages and actions whose names match; without a text what was searched, and where to go. */
function useOwn(text: string): Group[] {
  const navigate = useNavigate();
  const collections = useQuery(collectionsQuery).data ?? [];
  const chats = useQuery(facetsQuery({})).data?.chats ?? [];
  const pages = usePages();
  const actions = useActions();
  if (!text.trim()) {
    return [
      { id: "recent", title: t.recent, entries: recent() },
      { id: "pages", title: t.pages, entries: pages },
      { id: "actions", title: t.actions, entries: actions },
    ];
  }
  const named = (all: readonly Entry[], most: number) => matching(all, text, (one) => one.name, most);
  const own = collections.map(
    ({ id, name, files }): Entry => ({
      id: `c${id}`,
      name: legible(name),
      line: t.count(files),
      icon: Icon.Collect,
      open: () => void navigate({ to: "/collections/$id", params: { id: String(id) } }),
    }),
  );
  const channels = chats.map(
    ({ value, title, count }): Entry => ({
      id: `h${value}`,
      name: legible(title ?? String(value)),
      line: t.count(count),
      icon: Icon.Channel,
      open: () => void navigate({ to: "/channels/$chat", params: { chat: String(value) } }),
    }),
  );
  const all: Entry = {
    id: "all",
    name: t.all(text.trim()),
    icon: Icon.Search,
    open: () => void navigate({ to: "/search", search: { q: text.trim() } }),
  };
  return [
    { id: "collections", title: t.collections, entries: named(own, 3) },
    { id: "channels", title: t.channels, entries: named(channels, 3) },
    { id: "pages", title: t.pages, entries: named(pages, 3) },
    { id: "actions", title: t.actions, entries: named(actions, 3) },
    { id: "all", title: "", entries: [all] },
  ];
}

function recent(): Entry[] {
  const kept = searches();
  const entries = kept.map(
    (search): Entry => ({ id: `r${search}`, name: search, icon: Icon.History, search, open: () => {} }),
  );
  if (!kept.length) return [];
  return [...entries, { id: "forget", name: t.forget, icon: Icon.Delete, search: "", open: forgetSearches }];
}

function usePages(): Entry[] {
  const navigate = useNavigate();
  const me = useMe();
  const places: [string, string, Entry["icon"]][] = [
    ["/", common.home, Icon.Home],
    ["/films", common.films, Icon.Film],
    ["/series", common.series, Icon.Series],
    ["/music", common.music, Icon.Music],
    ["/photos", common.photos, Icon.Photo],
    ["/documents", common.documents, Icon.Document],
    ["/files", common.files, Icon.Files],
    ["/channels", common.channels, Icon.Channel],
    ["/collections", common.collections, Icon.Collect],
    ["/favourites", common.favourites, Icon.Favourite],
    ["/history", common.history, Icon.History],
    ["/hidden", common.hidden, Icon.Hide],
    ["/settings", common.settings, Icon.Settings],
  ];
  if (may(me, "leech", "leech")) places.push(["/leech", common.leech, Icon.Download]);
  if (may(me, "voice")) places.push(["/calls", common.calls, Icon.Voice]);
  if (may(me, "people") || may(me, "index")) places.push(["/manage", common.manage, Icon.Manage]);
  return places.map(([to, name, icon]) => ({ id: `p${to}`, name, icon, open: () => void navigate({ to }) }));
}

function useActions(): Entry[] {
  const navigate = useNavigate();
  const me = useMe();
  const languages = (Object.keys(LANGUAGES) as Language[]).filter((one) => one !== current());
  const actions: Entry[] = [
    { id: "dark", name: t.dark, icon: Icon.Palette, open: () => chooseTheme("dark") },
    { id: "light", name: t.light, icon: Icon.Palette, open: () => chooseTheme("light") },
    { id: "auto", name: t.auto, icon: Icon.Palette, open: () => chooseTheme("auto") },
    ...languages.map((one) => ({
      id: `l${one}`,
      name: t.language(LANGUAGES[one]),
      icon: Icon.Languages,
      open: () => chooseLanguage(one),
    })),
  ];
  if (me?.person) actions.push({ id: "out", name: t.logOut, icon: Icon.LogOut, open: () => void logOut().catch(tell) });
  else if (me?.server.features.includes("login"))
    actions.push({ id: "in", name: common.logIn, icon: Icon.LogIn, open: () => void navigate({ to: "/login" }) });
  return actions;
}

/** S2 E5 or the year, as the watermark of a picture's art. */
export const markOf = (picture: Shown & Partial<Item>) => episodeOf(picture.facts ?? null);
