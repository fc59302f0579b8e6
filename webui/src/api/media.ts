// Addresses of a file's bytes, picture, HLS and subtitles, each with the token that opens it.

import { address, apiOrigin, given, reach, withQuery } from "./address";
import type { Item } from "./client";

type Ref = Pick<Item, "chat_id" | "message_id">;
type Streamed = Ref & Pick<Item, "stream_url">;

/** The file itself. */
export const streamOf = (item: Streamed): string =>
  given(item.stream_url) ?? new URL(address(`/stream/${item.chat_id}/${item.message_id}`), apiOrigin()).href;

export const downloadOf = (item: Streamed): string => withQuery(streamOf(item), "download", 1);

/** What belongs to a file, with the token that its stream has: `kind` hls or subtitles, `rest` begins with a slash. */
export function besideOf(item: Streamed, kind: "hls" | "subtitles", rest = ""): string {
  const url = new URL(address(`/${kind}/${item.chat_id}/${item.message_id}${rest}`, { token: "" }), apiOrigin());
  const own = new URL(streamOf(item)).searchParams.get("token");
  if (own) url.searchParams.set("token", own);
  return url.href;
}

export type ThumbWidth = 160 | 320 | 640;

/** The picture of a file at most so many pixels wide; null where it has none. */
export function thumbOf(item: Pick<Item, "thumb_url">, width: ThumbWidth = 320): string | null {
  const found = given(item.thumb_url);
  return found && withQuery(found, "w", width);
}

/** The token for the page of a file: a stored link to a list opens no file, but the file's own address does. */
export const pageTokenFor = (item: Streamed): string | undefined =>
  reach() === 4 ? (new URL(streamOf(item)).searchParams.get("token") ?? undefined) : undefined;

/** The same stream with the token in its path and the file's name at its end, for players that mangle a query. */
export function playerAddress(item: Streamed & Pick<Item, "name">): string {
  const url = new URL(streamOf(item));
  const token = url.searchParams.get("token");
  const name = `/${encodeURIComponent(item.name)}`;
  const path = url.pathname.replace(/(\/stream\/[^/]+\/[^/]+).*$/, (_, of: string) => of + name);
  return url.origin + (token ? `/s/${token}${path}` : path);
}
