// A call in words. Pure.

import type { Call, CallChat } from "@/api/calls";
import { texts } from "@/i18n";
import { calls as english } from "@/i18n/en/calls";
import { legible, visible } from "@/parts/words";
import type { News } from "./calls";

const t = texts("calls", english);

export type TitleOf = (chat: number) => string;

/** The titles of chats; of those without one their number. */
export function titlesOf(chats: readonly CallChat[] | undefined): TitleOf {
  const titles = new Map(chats?.map((chat) => [chat.chat_id, chat.title]));
  return (id) => {
    const title = legible(titles.get(id) ?? "");
    return visible(title) ? title : t.chat(id);
  };
}

export function statusOf({ status }: Pick<Call, "status">): string {
  const names = {
    idle: "",
    joining: t.joining,
    playing: t.playing,
    paused: t.paused,
    reconnecting: t.reconnecting,
    failed: t.failed,
  };
  return names[status];
}

export const nameOf = (entry: { name: string } | null): string => legible(entry?.name ?? "");

/** What has happened, in a sentence for each call. */
export function saidOf(news: readonly News[], titleOf: TitleOf): string {
  const words = {
    playing: (chat: string, { item }: Call) => t.newsPlaying(nameOf(item), chat),
    paused: t.newsPaused,
    reconnecting: t.newsReconnecting,
    failed: t.newsFailed,
    ended: t.newsEnded,
  };
  return news
    .map(({ event, call }) => {
      const why = event === "failed" && call.reason ? `: ${legible(call.reason).replace(/\.$/, "")}` : "";
      return words[event](titleOf(call.chat_id), call) + why;
    })
    .join(". ");
}
