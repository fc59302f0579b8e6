import { expect, test } from "vitest";
import { addressesOf, listedIn, withMore } from "./addresses";

test("one address a line, however the lines end, each once and in its order", () => {
  expect(addressesOf("https://a/1\r\n\r\n  https://b/2  \nhttps://a/1\u2028ftp://c/3")).toEqual([
    "https://a/1",
    "https://b/2",
    "ftp://c/3",
  ]);
});

test("the list of a text file: its mark, comments and signs around addresses are left out", () => {
  expect(addressesOf('\ufeff# films\n<https://a/1>\n; later\n"https://b/2"\nmagnet:?xt=urn:btih:0\n')).toEqual([
    "https://a/1",
    "https://b/2",
    "magnet:?xt=urn:btih:0",
  ]);
});

test("several in one line stand apart, and a space or comma within an address stays", () => {
  expect(addressesOf("https://a/1 https://b/2, ftp://c/3")).toEqual(["https://a/1", "https://b/2", "ftp://c/3"]);
  expect(addressesOf("https://a/The Garden, part 2.mkv")).toEqual(["https://a/The Garden, part 2.mkv"]);
  expect(addressesOf("see https://a/1")).toEqual(["see https://a/1"]);
});

test("what is no address stays, for the server to say so", () => {
  expect(addressesOf("example.org/film.mkv\nhello")).toEqual(["example.org/film.mkv", "hello"]);
  expect(addressesOf(" \n\t\n")).toEqual([]);
});

test("what is dropped comes below what is there", () => {
  expect(withMore("", "https://a/1\n")).toBe("https://a/1");
  expect(withMore("https://a/1", "https://b/2\nhttps://a/1")).toBe("https://a/1\nhttps://b/2");
});

test("of a file only its addresses are taken", () => {
  expect(listedIn("Films to get\nhttps://a/1\n\u0000\u0001d8:announce")).toEqual(["https://a/1"]);
  expect(listedIn("nothing")).toEqual([]);
});
