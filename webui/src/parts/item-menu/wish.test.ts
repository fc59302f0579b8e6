import { expect, test } from "vitest";
import { call, entry } from "@/pages/calls/example";
import { secondsOf } from "../clock";
import { callOf, firstChat, hasPicture, isPlayable, wishOf } from "./wish";

test("a position is begun at, and without one what is chosen says when", () => {
  const item = { chat_id: -1, message_id: 2 };
  expect(wishOf(item, { video: true, position: 41.5, when: "later" })).toEqual({
    items: [item],
    position: 41.5,
    now: false,
    video: true,
  });
  expect(wishOf(item, { video: false, position: 0, when: "now" })).toMatchObject({ position: null, now: true });
});

test("the chat chosen last is offered first, then one in which something plays, then one with a call", () => {
  const chats = [
    { chat_id: 1, title: "A", open: false },
    { chat_id: 2, title: "B", open: true },
    { chat_id: 3, title: "C", open: true },
  ];
  expect(firstChat(chats, [call(3)], 1)).toBe(1);
  expect(firstChat(chats, [call(9), call(3)], 7)).toBe(3);
  expect(firstChat(chats, [], null)).toBe(2);
  expect(firstChat([], [], null)).toBeNull();
});

test("the call that plays a file is found, unless there are several", () => {
  const film = { chat_id: -5, message_id: 9 };
  const playing = call(1, { item: entry("film", film) });
  expect(callOf([playing, call(2)], film)).toBe(playing);
  expect(callOf([playing, { ...playing, chat_id: 2 }], film)).toBeUndefined();
  expect(callOf([call(2)], film)).toBeUndefined();
});

test("sound and films can be played, papers and pictures cannot", () => {
  const of = (kind: "video" | "audio" | "document" | "photo", mime_type = "") => ({ kind, mime_type });
  expect([of("video"), of("audio"), of("document", "audio/flac")].map(isPlayable)).toEqual([true, true, true]);
  expect([of("photo"), of("document", "application/pdf")].map(isPlayable)).toEqual([false, false]);
  expect([of("video"), of("document", "video/x-matroska"), of("audio")].map(hasPicture)).toEqual([true, true, false]);
});

test.each([
  ["90", 90],
  [" 1:30 ", 90],
  ["1:02:03", 3723],
  ["0:00", 0],
  ["1:234", null],
  ["", null],
  ["-5", null],
  ["1:2:3:4", null],
])("%j is a position of %j seconds", (text, seconds) => {
  expect(secondsOf(text)).toBe(seconds);
});
