import { expect, test } from "vitest";
import { charsetOf, decoded, isBinary } from "./decode";

const utf8 = (text: string) => new TextEncoder().encode(text);

test("the charset is the one that the server names", () => {
  expect(charsetOf('text/plain; charset="UTF-8"')).toBe("utf-8");
  expect(charsetOf("text/plain; charset=x-unknown")).toBe("");
  expect(charsetOf("text/plain")).toBe("");
  expect(charsetOf(null)).toBe("");
});

test("a character over the border of two parts is one", () => {
  const bytes = utf8("日本");
  expect(decoded([bytes.slice(0, 4), bytes.slice(4)], "utf-8", true)).toBe("日本");
  expect(decoded([bytes.slice(0, 4)], "", false)).toBe("日");
});

test("old texts are read as old Windows wrote them", () => {
  expect(decoded([new Uint8Array([0x63, 0x61, 0x66, 0xe9])], "", true)).toBe("café");
});

test("bytes are no text", () => {
  expect(isBinary("PK\u0003\u0000")).toBe(true);
  expect(isBinary("text")).toBe(false);
});
