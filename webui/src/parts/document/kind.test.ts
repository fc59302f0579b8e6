import { expect, test } from "vitest";
import { isReadable, kindOf } from "./kind";

test.each([
  ["a.pdf", "application/pdf", "pdf"],
  ["notes.md", "text/plain", "markdown"],
  ["notes", "text/markdown", "markdown"],
  ["data.csv", "text/plain", "table"],
  ["data", "text/csv", "table"],
  ["a.json", "application/json", "json"],
  ["Film.de.srt", "application/x-subrip", "subtitles"],
  ["x.zip", "application/zip", "archive"],
  ["x.7z", "application/octet-stream", "archive"],
  ["scan.jpg", "image/jpeg", "picture"],
  ["book.epub", "application/epub+zip", "book"],
  ["a.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "office"],
  ["read me", "text/plain", "text"],
  ["script.html", "text/html", "text"],
  ["x.bin", "application/octet-stream", "other"],
  ["evil.pdf", "text/plain", "text"],
] as const)("%s of type %s is %s", (name, mime_type, kind) => {
  expect(kindOf({ name, mime_type })).toBe(kind);
});

test("archives and books are for downloading", () => {
  expect(isReadable({ name: "x.zip", mime_type: "application/zip" })).toBe(false);
  expect(isReadable({ name: "x.txt", mime_type: "text/plain" })).toBe(true);
});
