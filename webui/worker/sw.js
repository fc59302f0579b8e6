// The service worker: keeps the shell of the page, so that it opens without a network and says what is the matter.
// Films, pictures, lists and everything else of the server always come from the server. FILES and VERSION are set by
// vite.config.ts.

const VERSION = "__VERSION__";
const FILES = "__FILES__";
const PAGE = "/";
const PREFIX = "sv-shell-";
const SERVER =
  /^\/(?:(?:api|stream|thumb|hls|subtitles|s|dav|stremio|docs|metrics|healthz|readyz)(?:\/|$)|login\/.|openapi\.json$)/;

self.addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const shell = await caches.open(PREFIX + VERSION);
      await shell.add(new Request(PAGE, { cache: "reload", credentials: "same-origin" }));
      await Promise.allSettled(FILES.map((file) => shell.add(file)));
      await self.skipWaiting();
    })(),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      const kept = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== PREFIX + VERSION);
      for (const name of kept.slice(0, -1)) await caches.delete(name); // the one before is still in use by open pages
      await self.clients.claim();
    })(),
  );
});

// what an open page has loaded before this worker was there
self.addEventListener("message", (event) => {
  const files = Array.isArray(event.data) ? event.data.filter((file) => /^\/assets\/[\w.-]+$/.test(file)) : [];
  event.waitUntil(
    (async () => {
      const shell = await caches.open(PREFIX + VERSION);
      const missing = [];
      for (const file of files) if (!(await shell.match(file, { ignoreVary: true }))) missing.push(file);
      await Promise.allSettled(missing.map((file) => shell.add(file)));
    })(),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin || SERVER.test(url.pathname)) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (url.pathname.startsWith("/assets/")) event.respondWith(asset(request));
  else if (FILES.includes(url.pathname)) event.respondWith(kept(request));
});

/** The page from the server; from here when there is no network. */
async function page(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const found = await caches.match(PAGE, { ignoreSearch: true, ignoreVary: true });
    if (found) return found;
    throw error;
  }
}

/** A file whose name changes with its content: kept when it was once loaded. */
async function asset(request) {
  const found = await caches.match(request, { ignoreVary: true });
  if (found) return found;
  const answer = await fetch(request);
  if (answer.ok) {
    const copy = answer.clone();
    const shell = await caches.open(PREFIX + VERSION);
    await shell.put(request, copy);
  }
  return answer;
}

/** An icon or the manifest: from the server, else from here. */
async function kept(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const found = await caches.match(request, { ignoreVary: true });
    if (found) return found;
    throw error;
  }
}
