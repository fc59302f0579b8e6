// Bytes of a text as text, in the charset that the server found; UTF-8 where it fits, else the one of old Windows files.
// Pure.

/** The charset that a Content-Type field names; "" where it names none, or one that browsers do not know. */
export function charsetOf(contentType: string | null): string {
  const named = contentType?.match(/;\s*charset\s*=\s*"?([^";\s]+)/i)?.[1] ?? "";
  try {
    return named && new TextDecoder(named).encoding;
  } catch {
    return "";
  }
}

/** The parts of a file; unless they are the whole of it, the last one may end within a character. */
export function decoded(parts: readonly Uint8Array[], charset: string, whole: boolean): string {
  if (charset) return joined(parts, whole, new TextDecoder(charset));
  try {
    return joined(parts, whole, new TextDecoder("utf-8", { fatal: true }));
  } catch {
    return joined(parts, whole, new TextDecoder("windows-1252"));
  }
}

const joined = (parts: readonly Uint8Array[], whole: boolean, decoder: TextDecoder) =>
  parts.map((part) => decoder.decode(part, { stream: true })).join("") + (whole ? decoder.decode() : "");

/** Whether a text is none: it has the zero bytes of a program or archive. */
export const isBinary = (text: string) => text.slice(0, 4096).includes("\0");
