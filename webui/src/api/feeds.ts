import { queryOptions } from "@tanstack/react-query";
import { ask, client, type Schemas } from "./client";
import { queries } from "./query";

export type Feed = Schemas["FeedItem"];
export type TriedItem = Schemas["TriedItem"];
export type Tried = Schemas["TriedItems"];
export type Take = Schemas["FeedAnswer"]["take"];
export type FeedRules = Pick<Feed, "include" | "exclude" | "prefer" | "pages">;
export type NewFeed = FeedRules & { address: string; every: number; existing: boolean; titles: boolean };

const AGAIN = 15_000;
const SOON = 2_000;

/** The feeds, the latest first; asked for again while they are shown, as workers change them: soon where one is due. */
export const feedsQuery = queryOptions({
  queryKey: ["feeds"],
  queryFn: ({ signal }) => ask(client().GET("/api/feeds", { signal })),
  refetchInterval: ({ state }) => (state.data?.items.some(isDue) ? SOON : AGAIN),
});

const isDue = ({ next_at, waiting }: Feed) => waiting > 0 || (next_at !== null && next_at * 1000 <= Date.now());

const changed = () => queries.invalidateQueries({ queryKey: ["feeds"] });

/** Follows a feed; whether it is new. */
export async function addFeed(feed: NewFeed): Promise<boolean> {
  let isNew = false;
  await ask(
    client()
      .POST("/api/feeds", { body: { ...feed, as_document: false } })
      .then((told) => {
        isNew = told.response.status === 201;
        return told;
      }),
  );
  await changed();
  return isNew;
}

/** What would be taken of a feed. */
export const tryFeed = (address: string, rules: FeedRules): Promise<Tried> =>
  ask(client().POST("/api/feeds/try", { body: { address, ...rules, titles: false } }));

export async function removeFeed(id: string): Promise<void> {
  await ask(client().DELETE("/api/feeds/{id}", { params: { path: { id } } }));
  await changed();
}

export async function answerFeed(id: string, take: Take): Promise<void> {
  await ask(client().POST("/api/feeds/{id}/answer", { params: { path: { id } }, body: { take } }));
  await changed();
}

export async function lookAtFeed(id: string): Promise<void> {
  await ask(client().POST("/api/feeds/{id}/retry", { params: { path: { id } } }));
  await changed();
}
