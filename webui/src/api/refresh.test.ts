import { expect, test } from "vitest";
import { isOnlyAdded } from "./refresh";

test("new files alone leave what is shown as it is", () => {
  expect(isOnlyAdded({ added: [{ chat_id: -1, message_id: 2 }], changed: [], removed: [] })).toBe(true);
  expect(isOnlyAdded({ added: [] })).toBe(true);
});

test("changed, removed and untold files do not", () => {
  expect(isOnlyAdded({ added: [], changed: [{ chat_id: -1, message_id: 2 }], removed: [] })).toBe(false);
  expect(isOnlyAdded({ added: [], removed: [{ chat_id: -1, message_id: 2 }] })).toBe(false);
  expect(isOnlyAdded({ added: [], more: true })).toBe(false);
});
