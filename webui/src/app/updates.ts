import { useSyncExternalStore } from "react";

let waiting: (() => void) | null = null;
const watchers = new Set<() => void>();

function offer(reload: () => void): void {
  waiting = reload;
  for (const tell of watchers) tell();
}

const watch = (tell: () => void) => {
  watchers.add(tell);
  start();
  return () => watchers.delete(tell);
};

/** A function that shows the new version of the page; null while there is none. */
export const useUpdates = () => useSyncExternalStore(watch, () => waiting);

/** Asks the server whether it has another build: to be called when it is there again, perhaps after an upgrade. */
export function lookForUpdate(): void {
  if (!started) return;
  void navigator.serviceWorker.getRegistration().then((found) => found?.update().catch(() => undefined));
}

/** The files of the page that are loaded by now: the service worker keeps these, too. */
const loadedFiles = () =>
  performance
    .getEntriesByType("resource")
    .map(({ name }) => new URL(name))
    .filter((url) => url.origin === location.origin && url.pathname.startsWith("/assets/"))
    .map((url) => url.pathname);

let started = false;

/** Installs the service worker, which keeps the shell for when there is no network. Built pages only. */
function start(): void {
  if (started || !import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  started = true;
  const controlled = navigator.serviceWorker.controller !== null;
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (controlled) offer(() => location.reload());
  });
  navigator.serviceWorker.register("/sw.js").catch(() => {
    // a page without https, or a server that does not have it: all works but for the offline page
  });
  void navigator.serviceWorker.ready.then(({ active }) => active?.postMessage(loadedFiles()));
}
