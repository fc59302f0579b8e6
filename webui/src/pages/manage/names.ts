// Names for the ids that the server tells of: people, chats, who watches.

import { useQuery } from "@tanstack/react-query";
import { chatsQuery } from "@/api/chats";
import { ask, client } from "@/api/client";
import { may, useMe } from "@/api/me";
import { peopleQuery } from "@/api/people";
import { legible, visible } from "@/parts/words";

export type ChatSummary = { id: number; title: string; files: number | null };

/** The names of people by their numbers. */
export function usePeopleNames(): (id: number) => string {
  const me = useMe();
  const { data } = useQuery({ ...peopleQuery, enabled: may(me, "people") });
  return (id) => {
    const found = data?.items.find((one) => one.id === id)?.name ?? (me?.person?.id === id ? me.person.name : "");
    return visible(found) ? legible(found) : String(id);
  };
}

/** How many files each channel has, with its title. */
export const chatCountsQuery = {
  queryKey: ["facets", "chats"],
  queryFn: async ({ signal }: { signal: AbortSignal }) =>
    (await ask(client().GET("/api/catalog/facets", { signal }))).chats,
};

/** The titles of channels by their numbers. */
export function useChatTitles(): (id: number) => string {
  const me = useMe();
  const chats = useQuery({ ...chatsQuery, enabled: may(me, "people") }).data?.items;
  const counts = useQuery({ ...chatCountsQuery, enabled: may(me, "read") }).data;
  return (id) => {
    const title = chats?.find((one) => one.chat_id === id)?.title ?? "";
    const counted = counts?.find((one) => one.value === id)?.title ?? "";
    return legible(visible(title) ? title : visible(counted) ? counted : String(id));
  };
}

/** Whom a stream goes to: `person:1`, `link:abc`, `address:…`. Pure. */
export function whoOf(
  who: string,
): { is: "person"; id: number } | { is: "link"; id: string } | { is: "address"; at: string } {
  const at = who.indexOf(":");
  const [kind, rest] = [who.slice(0, at), who.slice(at + 1)];
  if (kind === "person" && /^\d+$/.test(rest)) return { is: "person", id: Number(rest) };
  if (kind === "link") return { is: "link", id: rest };
  return { is: "address", at: rest };
}
