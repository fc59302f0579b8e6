import type { Call, Entry } from "@/api/calls";

export const entry = (id: string, over: Partial<Entry> = {}): Entry => ({
  id,
  chat_id: -1001,
  message_id: 1,
  name: id,
  duration: 60,
  video: false,
  track: 0,
  person: null,
  ...over,
});

/** A call for tests. */
export const call = (chat: number, over: Partial<Call> = {}): Call => ({
  chat_id: chat,
  status: "playing",
  reason: null,
  item: entry("song"),
  position: 10,
  duration: 60,
  volume: 100,
  loop: "off",
  queue: [],
  listeners: 1,
  node: "",
  at: 100,
  heard: 1000,
  ...over,
});
