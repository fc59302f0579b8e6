// Chats with their walks, and what somebody types to name a chat. Pure.

import type { Chat } from "@/api/chats";
import type { Walk } from "@/api/live";

/** The number or @name of a chat from what was typed or pasted; null where it is neither. */
export function chatOf(typed: string): number | string | null {
  const text = typed.trim();
  if (/^-\d{5,20}$/.test(text)) return Number.isSafeInteger(Number(text)) ? Number(text) : null;
  const path = text.match(/^(?:https?:\/\/)?(?:www\.)?(?:t\.me|telegram\.me)\/(.+)$/i)?.[1];
  const inner = path?.match(/^c\/(\d{1,16})(?:\/|$)/)?.[1];
  if (inner) return Number(`-100${inner}`);
  const name = path?.replace(/^s\//, "").split(/[/?]/)[0] ?? text.replace(/^@/, "");
  if (!path && !text.startsWith("@")) return null;
  return /^[A-Za-z][A-Za-z0-9_]{3,31}$/.test(name) ? `@${name}` : null;
}

/** How much of a walk is done, 0 to 1. */
export const share = (walk: Pick<Walk, "done" | "top" | "state">): number =>
  walk.state === "finished" ? 1 : walk.top > 0 ? Math.min(1, walk.done / walk.top) : 0;

export const isUnderWay = (walk: Walk | undefined): boolean =>
  walk?.state === "queued" || walk?.state === "walking" || walk?.state === "waiting";

export type ChatRow = { id: number; title: string; files: number | null; walk: Walk | undefined };

/** The served chats, with those that are walked through although nobody has listed them yet. */
export function rowsOf(
  chats: readonly Pick<Chat, "chat_id" | "title" | "served">[],
  walks: readonly Walk[],
  counts: readonly { value: number; title?: string | null; count: number }[],
): ChatRow[] {
  const served = chats.filter((one) => one.served).map((one) => one.chat_id);
  const ids = [...new Set([...served, ...walks.map((one) => one.chat_id)])];
  return ids.map((id) => {
    const counted = counts.find((one) => one.value === id);
    return {
      id,
      title: chats.find((one) => one.chat_id === id)?.title || counted?.title || String(id),
      files: counted?.count ?? null,
      walk: walks.find((one) => one.chat_id === id),
    };
  });
}
