// What is asked of a call by what somebody has chosen. Pure.

import type { Call, CallChat, PlayWish } from "@/api/calls";
import type { Item } from "@/api/client";

type File = Pick<Item, "kind" | "mime_type">;

/** Whether a call can play a file. */
export const isPlayable = ({ kind, mime_type: type }: File): boolean =>
  ["video", "audio", "voice", "animation", "video_note"].includes(kind) || /^(audio|video)\//.test(type);

/** Whether it has moving pictures. */
export const hasPicture = ({ kind, mime_type: type }: File): boolean =>
  ["video", "animation", "video_note"].includes(kind) || type.startsWith("video/");

export type Choice = { video: boolean; position: number; when: "later" | "now" };

/** A position is begun at at once; without one, what is chosen decides, and where nothing plays it makes no difference. */
export function wishOf(item: Pick<Item, "chat_id" | "message_id">, { video, position, when }: Choice): PlayWish {
  return {
    items: [{ chat_id: item.chat_id, message_id: item.message_id }],
    position: position > 0 ? position : null,
    now: when === "now",
    video,
  };
}

/** The chat that is offered first: the one chosen last, else one in which something plays, else one with an open call. */
export function firstChat(chats: readonly CallChat[], calls: readonly Call[], last: number | null): number | null {
  const known = (id: number) => chats.some((chat) => chat.chat_id === id);
  if (last !== null && known(last)) return last;
  const playing = calls.find((call) => known(call.chat_id))?.chat_id;
  return playing ?? chats.find((chat) => chat.open)?.chat_id ?? chats[0]?.chat_id ?? null;
}

/** The one call that plays a file; undefined where none does, or several do. */
export function callOf(calls: readonly Call[], item: Pick<Item, "chat_id" | "message_id">): Call | undefined {
  const found = calls.filter((call) => call.item?.chat_id === item.chat_id && call.item.message_id === item.message_id);
  return found.length === 1 ? found[0] : undefined;
}
