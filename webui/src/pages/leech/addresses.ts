// The addresses in what somebody types, pastes or drops. Pure.

/** Jobs that one person may have that have not ended. */
export const MOST_ADDRESSES = 500;
/** Bytes of a text file that are read. */
export const MOST_TEXT = 1_000_000;

const SCHEME = /^[a-z][a-z0-9+.-]*:/i;

/**
 * One address a line, each once, in their order. Lines that begin with # or ; are comments; brackets and quotes around an
 * address go. Several in one line stand apart where each of them begins with a scheme: other spaces belong to the address.
 */
export function addressesOf(text: string): string[] {
  const lines = text.replace(/^\ufeff/, "").split(/[\r\n\u2028\u2029]+/);
  const found = lines.flatMap((line) => {
    const said = line.trim();
    return /^[#;]/.test(said) ? [] : apart(said).map(bare).filter(Boolean);
  });
  return [...new Set(found)];
}

function apart(line: string): string[] {
  const words = line.split(/[\s,]+(?=[<"'(]?[a-z][a-z0-9+.-]*:)/i);
  return words.every((word) => SCHEME.test(bare(word))) ? words : [line];
}

function bare(word: string): string {
  const inner = word
    .trim()
    .match(/^(?:<(.*)>|"(.*)"|'(.*)')$/)
    ?.slice(1)
    .find((part) => part !== undefined);
  return (inner ?? word).trim();
}

/** A text with more addresses below those that it has. */
export function withMore(text: string, more: string): string {
  return addressesOf(`${text}\n${more}`).join("\n");
}

/** The addresses in a file, of which all else is left out. */
export const listedIn = (file: string): string[] => addressesOf(file).filter((line) => SCHEME.test(line));
