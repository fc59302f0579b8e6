import { expect, test } from "vitest";
import { around, photoAt, photoKey, placeOf } from "./place";

const photo = (message_id: number) => ({ chat_id: -100, message_id });

test("an address is a chat and a message", () => {
  expect(photoAt(photoKey(photo(7)))).toEqual({ chat: -100, message: 7 });
  expect(photoAt("-100/7")).toBeNull();
  expect(photoAt(undefined)).toBeNull();
});

test("neighbours are in one order, the newest first", () => {
  const all = around(photo(5), [photo(6), photo(7)], [photo(5), photo(4)]);
  expect(all.map((one) => one.message_id)).toEqual([7, 6, 5, 4]);
  expect(placeOf(all, photoKey(photo(5)))).toBe(2);
  expect(placeOf(all, "-1_1")).toBe(-1);
});

test("a picture that the list leaves out is shown all the same", () => {
  expect(around(photo(5), [photo(6)], [photo(4)]).map((one) => one.message_id)).toEqual([6, 5, 4]);
  expect(around(photo(5), [], [])).toHaveLength(1);
  expect(around(undefined, [], [])).toEqual([]);
});
