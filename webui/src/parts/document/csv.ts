// Rows and columns out of CSV and TSV (RFC 4180, and what spreadsheets make of it). Pure.

/** What parts the columns: the character that the first line has most of, outside quotes. */
export function separatorOf(text: string): string {
  const line =
    text
      .slice(0, 4000)
      .replace(/"(?:[^"]|"")*"/g, "")
      .split(/\r?\n/, 1)[0] ?? "";
  const counted = [",", ";", "\t", "|"].map((one) => [one, line.split(one).length] as const);
  return counted.reduce((best, one) => (one[1] > best[1] ? one : best))[0];
}

/** At most `most` rows of at most `columns` cells. `cut`: the text ends in mid-file, so that its last row is left out. */
export function rowsOf(
  text: string,
  { most, columns, cut = false }: { most: number; columns: number; cut?: boolean },
): string[][] {
  const separator = separatorOf(text);
  const rows: string[][] = [];
  let row: string[] = [];
  let at = text.startsWith("\ufeff") ? 1 : 0;
  while (at < text.length && rows.length < most) {
    const cell = text[at] === '"' ? quoted(text, at) : plain(text, at, separator);
    if (row.length < columns) row.push(cell.value);
    at = cell.end;
    if (text[at] === separator) {
      at += 1;
      if (at >= text.length) row.push("");
      continue;
    }
    if (at >= text.length && cut) return rows;
    at += text[at] === "\r" && text[at + 1] === "\n" ? 2 : 1;
    if (row.length > 1 || row[0]) rows.push(row);
    row = [];
  }
  if (row.length && !cut && rows.length < most) rows.push(row);
  return rows;
}

function quoted(text: string, from: number): { value: string; end: number } {
  let value = "";
  let at = from + 1;
  while (at < text.length) {
    const next = text.indexOf('"', at);
    if (next < 0) return { value: value + text.slice(at), end: text.length };
    value += text.slice(at, next);
    if (text[next + 1] !== '"') return { value, end: next + 1 };
    value += '"';
    at = next + 2;
  }
  return { value, end: at };
}

function plain(text: string, from: number, separator: string): { value: string; end: number } {
  let end = from;
  while (end < text.length && text[end] !== separator && text[end] !== "\n" && text[end] !== "\r") end += 1;
  return { value: text.slice(from, end), end };
}
