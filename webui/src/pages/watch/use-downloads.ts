import { useQuery } from "@tanstack/react-query";
import { pageToken } from "@/api/address";
import type { Item } from "@/api/client";
import { downloadOf } from "@/api/media";
import { probe } from "@/player/probe";

/** Whether the file may be saved: a link may be for watching alone, which only its refusal tells. */
export function useDownloads(item: Item): boolean {
  const refused = useQuery({
    queryKey: ["downloads", item.chat_id, item.message_id],
    queryFn: async ({ signal }) => (await probe(downloadOf(item), signal)).status === 403,
    enabled: pageToken() !== "",
    staleTime: Number.POSITIVE_INFINITY,
  });
  return refused.data !== true;
}
