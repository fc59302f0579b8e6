// The plain part of Markdown: headings, lists, quotes, code, emphasis and links, as data. Nothing of it is HTML: tags
// stay text, pictures are named and not loaded. Pure.

export type Inline =
  | { kind: "text" | "strong" | "em" | "code"; text: string }
  | { kind: "link"; text: string; href: string };
export type Block =
  | { kind: "heading"; level: number; inline: Inline[] }
  | { kind: "paragraph" | "quote"; inline: Inline[] }
  | { kind: "list"; ordered: boolean; items: Inline[][] }
  | { kind: "table"; rows: Inline[][][] }
  | { kind: "code"; text: string }
  | { kind: "rule" };

const HEADING = /^ {0,3}(#{1,6})\s+(.*?)\s*#*$/;
const ITEM = /^\s{0,6}(?:[-*+]|(\d{1,9})[.)])\s+(.*)$/;
const RULE = /^ {0,3}([-*_])(?:\s*\1){2,}\s*$/;
const TABLE_RULE = /^ {0,3}\|?(?:\s*:?-+:?\s*\|)+(?:\s*:?-+:?\s*)?$/;
const FENCE = /^ {0,3}(```+|~~~+)/;

export function blocksOf(text: string): Block[] {
  const lines = text.replace(/^\ufeff/, "").split(/\r?\n/);
  const blocks: Block[] = [];
  let at = 0;
  while (at < lines.length) {
    const [block, next] = blockAt(lines, at);
    if (block) blocks.push(block);
    at = next;
  }
  return blocks;
}

function blockAt(lines: readonly string[], at: number): [Block | null, number] {
  const line = lines[at] ?? "";
  if (!line.trim()) return [null, at + 1];
  const fence = line.match(FENCE)?.[1];
  if (fence) return codeAt(lines, at, fence);
  const heading = line.match(HEADING);
  if (heading) return [{ kind: "heading", level: heading[1]?.length ?? 1, inline: inlineOf(heading[2] ?? "") }, at + 1];
  if (RULE.test(line)) return [{ kind: "rule" }, at + 1];
  if (line.match(ITEM)) return listAt(lines, at);
  if (line.includes("|") && TABLE_RULE.test(lines[at + 1] ?? "")) return tableAt(lines, at);
  const quote = /^ {0,3}>/.test(line);
  let end = at + 1;
  while (end < lines.length && continues(lines[end] ?? "", quote)) end += 1;
  const words = lines.slice(at, end).map((one) => (quote ? one.replace(/^ {0,3}>\s?/, "") : one.trim()));
  return [{ kind: quote ? "quote" : "paragraph", inline: inlineOf(words.join("\n")) }, end];
}

function continues(line: string, quote: boolean): boolean {
  if (!line.trim() || FENCE.test(line) || HEADING.test(line) || RULE.test(line) || ITEM.test(line)) return false;
  return quote === /^ {0,3}>/.test(line);
}

function codeAt(lines: readonly string[], at: number, fence: string): [Block, number] {
  const close = lines.findIndex((line, index) => index > at && line.trim().startsWith(fence));
  const end = close < 0 ? lines.length : close;
  return [{ kind: "code", text: lines.slice(at + 1, end).join("\n") }, end + 1];
}

function listAt(lines: readonly string[], at: number): [Block, number] {
  const items: Inline[][] = [];
  const ordered = lines[at]?.match(ITEM)?.[1] !== undefined;
  let end = at;
  while (end < lines.length) {
    const found = lines[end]?.match(ITEM);
    if (!found || (found[1] !== undefined) !== ordered) break;
    items.push(inlineOf(found[2] ?? ""));
    end += 1;
  }
  return [{ kind: "list", ordered, items }, end];
}

function tableAt(lines: readonly string[], at: number): [Block, number] {
  let end = at + 2;
  while (lines[end]?.includes("|")) end += 1;
  const cells = (line: string) =>
    line
      .trim()
      .replace(/^\||\|$/g, "")
      .split("|")
      .map((cell) => inlineOf(cell.trim()));
  const rows = [lines[at] ?? "", ...lines.slice(at + 2, end)].map(cells);
  return [{ kind: "table", rows }, end];
}

const INLINE =
  /(`+)(.+?)\1|!?\[([^\]\n]*)\]\(([^()\s]+)[^)]*\)|\*\*(.+?)\*\*|__(.+?)__|\*([^*\s][^*]*)\*|\b_([^_\s][^_]*)_\b/gs;

function inlineOf(text: string): Inline[] {
  const found: Inline[] = [];
  let last = 0;
  for (const match of text.matchAll(INLINE)) {
    if (match.index > last) found.push({ kind: "text", text: text.slice(last, match.index) });
    found.push(partOf(match));
    last = match.index + match[0].length;
  }
  if (last < text.length) found.push({ kind: "text", text: text.slice(last) });
  return found;
}

function partOf(match: RegExpExecArray): Inline {
  const [whole, , code, label, target, strong, strongToo, em, emToo] = match;
  if (code !== undefined) return { kind: "code", text: code };
  if (target !== undefined) return linkOf(whole, label ?? "", target);
  const bold = strong ?? strongToo;
  return bold === undefined ? { kind: "em", text: em ?? emToo ?? "" } : { kind: "strong", text: bold };
}

/** Only addresses of the web are links; pictures are their names. */
function linkOf(whole: string, label: string, target: string): Inline {
  if (whole.startsWith("!")) return { kind: "em", text: label || target };
  return /^https?:\/\//i.test(target) && URL.canParse(target)
    ? { kind: "link", text: label || target, href: target }
    : { kind: "text", text: label || target };
}
