// What is still to be done before the library is complete, and what is wrong. Pure.

import type { Chat } from "@/api/chats";
import type { Condition, Walk } from "@/api/live";

export type HintName = "serve" | "offered" | "read" | "failed" | "invite" | "condition";
export type Hint = {
  name: HintName;
  state: "done" | "todo" | "wrong";
  /** How many of them, where it counts something. */
  count: number;
  condition?: Condition;
};

export type Known = {
  chats: readonly Chat[];
  walks: readonly Walk[];
  files: number;
  members: number;
  conditions: readonly Condition[];
};

export function hintsOf({ chats, walks, files, members, conditions }: Known): Hint[] {
  const served = chats.filter((one) => one.served).length;
  const offered = chats.length - served;
  const failed = walks.filter((one) => one.state === "failed").length;
  const read = files > 0 || walks.some((one) => one.state === "finished");
  return [
    ...conditions.map((condition): Hint => ({ name: "condition", state: "wrong", count: 1, condition })),
    ...(failed ? [hint("failed", "wrong", failed)] : []),
    hint("serve", served ? "done" : "todo", served),
    ...(offered ? [hint("offered", "todo", offered)] : []),
    hint("read", read ? "done" : "todo"),
    hint("invite", members ? "done" : "todo", members),
  ];
}

const hint = (name: HintName, state: Hint["state"], count = 0): Hint => ({ name, state, count });

/** Whether nothing needs to be done: an invitation is a choice. */
export const allSet = (hints: readonly Hint[]) =>
  hints.every((one) => one.state === "done" || (one.state === "todo" && one.name === "invite"));
