import { useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useMemo } from "react";
import { opensLists } from "@/api/address";
import { ask, client, type Item, type Version, type WorkTree } from "@/api/client";
import { type Abilities, fileQuery } from "@/api/facts";
import { queries } from "@/api/query";
import { watchQuery } from "@/api/watch";
import { watchLink } from "@/parts/card";
import { nextAfter, type Unit } from "@/parts/next-to-play";
import { own } from "@/player/decide";

const askWork = (key: string, able: Abilities | null, signal: AbortSignal) =>
  ask<WorkTree>(
    client().GET("/api/works/{key}", {
      params: { path: { key }, query: able ? { client: true, ...able } : {} },
      signal,
    }),
  );

export const filesOf = (tree: WorkTree): Version[] => [
  ...tree.files,
  ...tree.seasons.flatMap((season) => season.episodes.flatMap((one) => one.files)),
];

export type Work = { versions: readonly Version[]; next: { file: Version; unit: Unit<Version> } | null };
const NOTHING: Work = { versions: [], next: null };

/** The other versions of a film or episode, as this browser plays them, and what comes after it. */
export function useWork(item: Item): Work {
  const key = item.kind === "video" && opensLists() ? (item.facts?.work ?? "") : "";
  const plain = useQuery({
    queryKey: ["work", key, "plain"],
    queryFn: ({ signal }) => askWork(key, null, signal),
    enabled: key !== "",
  }).data;
  const able = useMemo(() => plain && own(filesOf(plain).flatMap((one) => one.plays?.codecs ?? [])), [plain]);
  const tree = useQuery({
    queryKey: ["work", key, able],
    queryFn: ({ signal }) => askWork(key, able ?? null, signal),
    enabled: able !== undefined && plain !== undefined && filesOf(plain).length > 1,
  }).data;
  return useMemo(() => {
    if (!tree) return NOTHING;
    return {
      versions: versionsOf(tree, item),
      next: nextAfter<Version>(tree, { file_unique_id: item.file_unique_id }),
    };
  }, [tree, item]);
}

/** The files that are the same film or episode; itself too. */
export function versionsOf(tree: WorkTree, item: Item): Version[] {
  return filesOf(tree).filter(
    (one) => one.facts?.season === item.facts?.season && one.facts?.episode === item.facts?.episode,
  );
}

/** Goes to another file as from a card: it begins by itself. What it needs is read first, so that nothing flickers. */
export function useGo(): (item: Item, search?: { t?: number; resume?: boolean }, replace?: boolean) => Promise<void> {
  const router = useRouter();
  return async (item, search = {}, replace = false) => {
    await Promise.allSettled([
      queries.ensureQueryData(fileQuery(item.chat_id, item.message_id)),
      queries.prefetchQuery(watchQuery(item)),
    ]);
    const { search: own, ...link } = watchLink(item);
    await router.navigate({ ...link, search: { ...own, ...search }, replace, resetScroll: false });
  };
}
