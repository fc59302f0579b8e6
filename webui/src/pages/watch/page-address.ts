/** The address of the page as it is handed on: without the moment at which it was opened. Pure. */
export function pageAddress(href: string): string {
  const url = new URL(href);
  url.searchParams.delete("t");
  url.searchParams.delete("resume");
  url.hash = "";
  return url.href;
}
