// Where the focus was on each page that was left by a link, so that somebody who comes back by keys is there again.

const MOST = 50;
const TRIES = 25;
const PAUSE = 80; // milliseconds: lists come after the page

const left = new Map<string, string>();
let byKeys = false;

/** Remembers and restores places until the returned function is called. */
export function rememberPlaces(): () => void {
  const keyed = () => {
    byKeys = true;
  };
  const pointed = () => {
    byKeys = false;
  };
  window.addEventListener("keydown", keyed, true);
  window.addEventListener("pointerdown", pointed, true);
  window.addEventListener("click", leave, true);
  window.addEventListener("popstate", comeBack);
  return () => {
    window.removeEventListener("keydown", keyed, true);
    window.removeEventListener("pointerdown", pointed, true);
    window.removeEventListener("click", leave, true);
    window.removeEventListener("popstate", comeBack);
  };
}

function leave({ target }: MouseEvent): void {
  const link = target instanceof Element ? target.closest("main a[href]") : null;
  const href = link?.getAttribute("href");
  if (!href) return;
  left.set(keyOfPlace(), href);
  const [oldest] = left.keys();
  if (left.size > MOST && oldest !== undefined) left.delete(oldest);
}

function comeBack(): void {
  const key = keyOfPlace();
  const href = left.get(key);
  if (!href || !byKeys) return;
  let tries = TRIES;
  const timer = setInterval(() => {
    tries -= 1;
    const moved = document.activeElement && !document.activeElement.matches('body, h1, [tabindex="-1"]');
    const link = document.querySelector<HTMLElement>(`main a[href=${JSON.stringify(href)}]`);
    if (tries <= 0 || keyOfPlace() !== key || (moved && document.activeElement?.isConnected)) clearInterval(timer);
    else if (link) {
      link.focus({ preventScroll: true });
      link.scrollIntoView({ block: "nearest" });
      clearInterval(timer);
    }
  }, PAUSE);
}

/** The place in the history of the tab. */
function keyOfPlace(): string {
  const state: unknown = history.state;
  return typeof state === "object" && state !== null && "__TSR_key" in state ? String(state.__TSR_key) : "first";
}
