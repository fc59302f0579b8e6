// The address of a picture that is shown over a page, and the order of its neighbours. Pure.

import type { Item } from "@/api/client";

type Ref = Pick<Item, "chat_id" | "message_id">;

export const photoKey = (item: Ref) => `${item.chat_id}_${item.message_id}`;

/** Chat and message; null for what is none. */
export function photoAt(key: string | undefined): { chat: number; message: number } | null {
  const found = key?.match(/^(-?\d{1,16})_(\d{1,16})$/);
  return found ? { chat: Number(found[1]), message: Number(found[2]) } : null;
}

/**
 * Everything around a picture, the newest first: `older` begins with its own second (newest first), `newer` comes after
 * that second (oldest first). The picture itself is in it even where the server left it out.
 */
export function around<T extends Ref>(photo: T | undefined, newer: readonly T[], older: readonly T[]): readonly T[] {
  const all = [...newer.toReversed(), ...older];
  if (!photo || all.some((one) => photoKey(one) === photoKey(photo))) return all;
  return all.toSpliced(newer.length, 0, photo);
}

/** Where a picture is in a list; -1 where it is not. */
export const placeOf = (items: readonly Ref[], key: string) => items.findIndex((one) => photoKey(one) === key);
