// What kind of document a file is, by its type and ending. Pure.

import type { Item } from "@/api/client";
import { extension } from "../words";

export type DocumentKind =
  | "pdf"
  | "text"
  | "markdown"
  | "json"
  | "table"
  | "subtitles"
  | "picture"
  | "archive"
  | "book"
  | "office"
  | "other";

type Typed = Pick<Item, "name" | "mime_type">;

const ENDINGS: Record<string, DocumentKind> = {
  PDF: "pdf",
  MD: "markdown",
  MARKDOWN: "markdown",
  JSON: "json",
  GEOJSON: "json",
  CSV: "table",
  TSV: "table",
  SRT: "subtitles",
  VTT: "subtitles",
  ASS: "subtitles",
  SSA: "subtitles",
  SUB: "subtitles",
  EPUB: "book",
  MOBI: "book",
  FB2: "book",
  DJVU: "book",
  AZW3: "book",
};
const SETS: readonly [DocumentKind, string][] = [
  ["archive", "ZIP RAR 7Z TAR GZ TGZ BZ2 XZ ZST ISO"],
  ["office", "DOC DOCX XLS XLSX PPT PPTX ODT ODS ODP RTF"],
  ["text", "TXT LOG NFO INI CFG CONF TOML YML YAML XML PY JS TS C H CPP RS GO SH SQL CUE M3U M3U8 TEX DIFF PATCH"],
];
const BY_ENDING = new Map<string, DocumentKind>([
  ...Object.entries(ENDINGS),
  ...SETS.flatMap(([kind, endings]) => endings.split(" ").map((one) => [one, kind] as const)),
]);
const BY_TYPE: readonly [RegExp, DocumentKind][] = [
  [/^application\/pdf$/, "pdf"],
  [/^image\//, "picture"],
  [/^text\/(csv|tab-separated-values)$/, "table"],
  [/^text\/(x-)?markdown$/, "markdown"],
  [/^(application|text)\/(.+\+)?json$/, "json"],
  [/subrip|^text\/(vtt|x-ssa|x-ass)$/, "subtitles"],
  [/epub|mobipocket|djvu|fictionbook/, "book"],
  [/zip|x-tar|x-rar|vnd\.rar|x-7z|gzip|x-xz|x-bzip/, "archive"],
  [/msword|officedocument|opendocument|ms-excel|ms-powerpoint/, "office"],
  [/^text\/|^application\/(xml|x-yaml|yaml|toml|sql)$/, "text"],
];

export function kindOf(item: Typed): DocumentKind {
  const type = item.mime_type.toLowerCase();
  const told = BY_TYPE.find(([pattern]) => pattern.test(type))?.[1];
  const named = BY_ENDING.get(extension(item));
  // a type that says no more than "text" or "bytes" gives way to the name; a name never makes a page of a file
  if (!told || told === "text") return named && (named !== "pdf" || !told) ? named : (told ?? "other");
  return told;
}

/** Whether it can be shown in the page. */
export const isReadable = (item: Typed) =>
  ["pdf", "text", "markdown", "json", "table", "subtitles", "picture"].includes(kindOf(item));
