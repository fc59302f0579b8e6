// Where a call is, what can be done with it, and what has happened in calls. Pure.

import type { Call, CallChange, Entry, Loop } from "@/api/calls";

/** Where the item is at `now`, in seconds; `now` in milliseconds of this device. */
export function positionOf(call: Pick<Call, "status" | "position" | "duration" | "heard">, now: number): number {
  const gone = call.status === "playing" ? Math.max(0, now - call.heard) / 1000 : 0;
  const position = call.position + gone;
  return call.duration === null ? position : Math.min(position, Math.max(call.duration, call.position));
}

/** What the first button does: it keeps its place, and with it the focus. */
export const mainChange = ({ status }: Pick<Call, "status">): CallChange =>
  status === "paused" || status === "failed" ? "resume" : "pause";

const LOOPS: readonly Loop[] = ["off", "all", "one"];

export const nextLoop = (loop: Loop): Loop => LOOPS[(LOOPS.indexOf(loop) + 1) % LOOPS.length] ?? "off";

/** A list with the element at `from` at the place `to`. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const next = [...list];
  next.splice(to, 0, ...next.splice(from, 1));
  return next;
}

/** The queue in the order that is wished: entries that came meanwhile stand last, those that are gone are left out. */
export function ordered(queue: readonly Entry[], wished: readonly string[]): Entry[] {
  const place = new Map(wished.map((id, at) => [id, at]));
  const rank = ({ id }: Entry) => place.get(id) ?? wished.length;
  return [...queue].sort((one, other) => rank(one) - rank(other));
}

/** What is worth saying of a call. */
export type Event = "playing" | "paused" | "reconnecting" | "failed" | "ended";
export type News = { event: Event; call: Call };

/** What has happened between two lists: changes of state and of what plays, not of the position. */
export function newsOf(before: readonly Call[], after: readonly Call[]): News[] {
  const known = new Map(before.map((call) => [call.chat_id, call]));
  const now = new Set(after.map((call) => call.chat_id));
  const changed = after.flatMap((call): News[] => {
    const older = known.get(call.chat_id);
    const same = older?.status === call.status && older.item?.id === call.item?.id;
    if (same || call.status === "joining" || call.status === "idle") return [];
    return [{ event: call.status, call }];
  });
  const ended = before.filter((call) => !now.has(call.chat_id)).map((call): News => ({ event: "ended", call }));
  return [...changed, ...ended];
}
