// What the server finds for the command palette: works and files, of one text. Cancelled when the text is another.

import { queryOptions } from "@tanstack/react-query";
import { pageToken } from "@/api/address";
import { ask, client, type Item, type WorkItem } from "@/api/client";

export type Found = { works: WorkItem[]; music: Item[]; files: Item[]; corrected: string };

const WORKS = 6;
const FILES = 24;
const MUSIC = 4;
const OTHERS = 6;

export const foundQuery = (text: string) =>
  queryOptions({
    queryKey: ["search", text] as const,
    enabled: text !== "",
    gcTime: 60_000,
    queryFn: async ({ signal }): Promise<Found> => {
      const asked = (q: string) =>
        pageToken() // links open files, and no works
          ? Promise.resolve([])
          : ask(client().GET("/api/works", { params: { query: { q, limit: WORKS } }, signal })).then(
              ({ works }) => works,
            );
      const [works, list] = await Promise.all([
        asked(text),
        ask(client().GET("/api/catalog", { params: { query: { q: text, limit: FILES } }, signal })),
      ]);
      const corrected = list.corrected ?? "";
      return sorted(corrected && !works.length ? await asked(corrected) : works, list.items, corrected);
    },
  });

/** Files by what they are; those of works that are shown are found there. */
export function sorted(works: readonly WorkItem[], items: readonly Item[], corrected: string): Found {
  const shown = new Set(works.map((work) => work.key));
  const sound = (item: Item) => item.kind === "audio" || item.kind === "voice";
  const others = items.filter((item) => !sound(item) && !(item.facts?.work && shown.has(item.facts.work)));
  return {
    works: [...works],
    music: items.filter(sound).slice(0, MUSIC),
    files: others.slice(0, OTHERS),
    corrected,
  };
}
