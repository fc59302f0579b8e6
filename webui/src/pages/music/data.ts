// What the music page asks the server.

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { ask, client, type Item, type Kind } from "@/api/client";
import { albumWith, performerKey } from "./albums";

const PAGE = 200;
/** Seconds around a song in which the others of its album were posted. */
const AROUND = 3600;

type Filter = { kind: Kind; q?: string; sort?: "name" };

/** Songs page by page, the newest first, or by name. */
export function useSongs({ kind, q, sort }: Filter) {
  const answer = useInfiniteQuery({
    queryKey: ["catalog", "pages", { kind, q: q ?? "", sort: sort ?? "date" }],
    queryFn: ({ pageParam, signal }) =>
      ask(
        client().GET("/api/catalog", {
          params: { query: { kind, q: q ?? "", sort: sort ?? "date", limit: PAGE, cursor: pageParam } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
  return { ...answer, songs: answer.data?.pages.flatMap((page) => page.items) ?? [] };
}

/** The album that holds a message, out of the songs that were posted about the same time in its channel. */
export const useAlbum = (chat: number, message: number) =>
  useQuery({
    queryKey: ["catalog", "album", chat, message],
    queryFn: async ({ signal }) => {
      const path = { chat_id: chat, message_id: message };
      const one = await ask(client().GET("/api/catalog/{chat_id}/{message_id}", { params: { path }, signal }));
      const around = { since: Math.max(0, one.date - AROUND), until: one.date + AROUND };
      const query = { kind: "audio" as const, chat_id: [chat], limit: PAGE, ...around };
      const page = await ask(client().GET("/api/catalog", { params: { query }, signal }));
      return albumWith(page.items, chat, message) ?? null;
    },
  });

/** All songs of a performer: the server searches for the name, guests and others are left out here. */
export const useArtist = (name: string) =>
  useQuery({
    queryKey: ["catalog", "artist", performerKey(name)],
    queryFn: async ({ signal }) => {
      const songs: Item[] = [];
      let cursor: string | null = null;
      do {
        const query = { kind: "audio" as const, q: name, limit: PAGE, cursor };
        const page: { items: Item[]; next_cursor?: string | null } = await ask(
          client().GET("/api/catalog", { params: { query }, signal }),
        );
        songs.push(...page.items);
        cursor = page.next_cursor ?? null;
      } while (cursor && songs.length < 2000);
      return songs.filter((one) => performerKey(one.performer) === performerKey(name));
    },
  });
