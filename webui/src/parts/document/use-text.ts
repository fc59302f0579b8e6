// A text out of a file, 512 KiB at a time.

import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Item } from "@/api/client";
import { streamOf } from "@/api/media";
import { Problem, problemOf } from "@/api/problem";
import { charsetOf, decoded, isBinary } from "./decode";

export const PART = 512 * 1024;
/** More in one page makes phones slow. */
export const MOST = 8 * PART;

type Part = { bytes: Uint8Array; charset: string; end: number };
export type Readable = Pick<Item, "chat_id" | "message_id" | "stream_url" | "size" | "name" | "mime_type">;

async function partOf(item: Readable, from: number, signal: AbortSignal): Promise<Part> {
  if (!item.size) return { bytes: new Uint8Array(), charset: "utf-8", end: 0 };
  const to = Math.min(item.size, from + PART) - 1;
  let answer: Response;
  try {
    answer = await fetch(streamOf(item), { headers: { Range: `bytes=${from}-${to}` }, signal });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new Problem(0, "Unreachable", "The server cannot be reached.");
  }
  if (answer.status !== 206) {
    await answer.body?.cancel(); // the whole file, or an error
    throw answer.ok ? new Problem(-1, "", "The server does not send parts of files.") : problemOf(answer, undefined);
  }
  const bytes = new Uint8Array(await answer.arrayBuffer());
  return { bytes, charset: charsetOf(answer.headers.get("Content-Type")), end: from + bytes.length };
}

export function useText(item: Readable) {
  const answer = useInfiniteQuery({
    queryKey: ["document", item.chat_id, item.message_id],
    queryFn: ({ pageParam, signal }) => partOf(item, pageParam, signal),
    initialPageParam: 0,
    getNextPageParam: ({ end }) => (end < Math.min(item.size, MOST) ? end : null),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });
  const parts = answer.data?.pages;
  const end = parts?.at(-1)?.end ?? 0;
  const whole = end >= item.size;
  const text = useMemo(
    () =>
      decoded(
        (parts ?? []).map((part) => part.bytes),
        parts?.[0]?.charset ?? "",
        whole,
      ),
    [parts, whole],
  );
  return {
    text,
    end,
    whole,
    binary: isBinary(text),
    pending: answer.isPending,
    error: answer.error,
    again: () => void answer.refetch(),
    more: answer.hasNextPage ? () => void answer.fetchNextPage() : null,
    loading: answer.isFetchingNextPage,
  };
}
