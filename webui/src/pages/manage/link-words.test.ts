import { expect, test } from "vitest";
import type { StoredLink } from "@/api/links-admin";
import { addressOf, chosen, hasEnded } from "./link-words";

const link = (id: string, expires_at: number | null): StoredLink => ({
  id,
  url: `https://tv.example.org/s/${id}`,
  watch_url: null,
  download_url: null,
  expires_at,
  chat_id: -1,
  message_id: 2,
  collection: null,
  query: null,
  scope: "both",
  person: 1,
  created_at: 0,
  viewers: null,
  viewers_used: 0,
  uses: 0,
  last_used_at: null,
});

test("a link ends with its time, and one without a time does not", () => {
  expect([hasEnded(link("a", 10), 10), hasEnded(link("b", 11), 10), hasEnded(link("c", null), 10)]).toEqual([
    true,
    false,
    false,
  ]);
});

test("links are chosen by whether they still open something", () => {
  const links = [link("old", 5), link("new", 50), link("ever", null)];
  const ids = (shown: "all" | "valid" | "ended") => chosen(links, shown, 10).map((one) => one.id);
  expect([ids("all"), ids("valid"), ids("ended")]).toEqual([["old", "new", "ever"], ["new", "ever"], ["old"]]);
});

test("what is given away is the page, else the download, else the file", () => {
  const one = link("a", null);
  expect(addressOf({ ...one, watch_url: "w", download_url: "d" })).toBe("w");
  expect(addressOf({ ...one, download_url: "d" })).toBe("d");
  expect(addressOf(one)).toBe("https://tv.example.org/s/a");
});
