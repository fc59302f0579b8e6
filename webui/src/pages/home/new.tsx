import type { Facets } from "@/api/catalog";
import type { Item } from "@/api/client";
import { texts } from "@/i18n";
import { home as english } from "@/i18n/en/home";
import { legible } from "@/parts/words";
import { byChannel } from "./groups";
import { Cards, Row } from "./row";

const t = texts("home", english);

const MOST = 20;
const CHANNELS = 4; // that have a row of what is new in them

/** What is new since the last visit, by channel; at the first visit simply the newest. `first`: as of Cards. */
export function New({
  items,
  since,
  facets,
  first,
}: {
  items: readonly Item[];
  since: number;
  facets: Facets;
  first: boolean;
}) {
  if (!since)
    return (
      <Row title={t.newest} to="/files" known empty={!items.length}>
        <Cards items={items} first={first} />
      </Row>
    );
  const name = (chat: number) => legible(facets.chats.find(({ value }) => value === chat)?.title ?? "") || String(chat);
  return byChannel(items, CHANNELS).map(([chat, found], at) => (
    <Row key={chat} title={t.newIn(name(chat))} to={{ chat }} known empty={false}>
      <Cards items={found.slice(0, MOST)} first={first && at === 0} />
    </Row>
  ));
}
