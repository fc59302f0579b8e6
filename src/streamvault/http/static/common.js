// What both views share: addresses with their token, the API, building elements, words for numbers.
// Text from the API only ever becomes textContent or a checked URL, never markup.

const params = new URLSearchParams(location.search);
const token = params.get("token");
const place = location.pathname.match(/^(.*)\/watch\/(-?\d+)\/(\d+)\/?$/);
const base = place ? place[1] : location.pathname.replace(/\/$/, "");
const main = document.getElementById("main");

const KINDS = {
  video: { one: "Video", many: "Films", icon: "M4 5h16v14H4z M10 9l5 3-5 3z" },
  audio: { one: "Music", many: "Music", icon: "M9 18V6l10-2v12 M6.5 20.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z M16.5 18.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z" },
  photo: { one: "Photo", many: "Photos", icon: "M4 5h16v14H4z M4 16l5-5 4 4 2.500-2.500L20 17 M15.500 9.500a1 1 0 1 0 0-.01z" },
  voice: { one: "Voice", many: "Voice", icon: "M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3z M6 11a6 6 0 0 0 12 0 M12 17v4" },
  animation: { one: "Animation", many: "Animations", icon: "M5 12c0-5 7-5 7 0s7 5 7 0-7-5-7 0-7 5-7 0z" },
  video_note: { one: "Video note", many: "Video notes", icon: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z M10 9l5 3-5 3z" },
  sticker: { one: "Sticker", many: "Stickers", icon: "M5 4h14v9l-6 7H5z M19 13h-6v7" },
  document: { one: "Document", many: "Documents", icon: "M6 3h8l5 5v13H6z M14 3v5h5" },
};

// Text without the characters that turn the direction of what follows: a name must not look like another one.
const legible = (text) => (typeof text === "string" ? text.replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "") : text);

function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : legible(value));
  }
  node.append(...children.filter((child) => child !== null && child !== undefined).map(legible));
  return node;
}

function icon(path) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

// An address of this server, with the page's token unless `query` names another.
function address(path, query = {}) {
  const all = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...query, token: query.token ?? token })) if (value) all.set(name, value);
  const text = all.toString();
  return `${base}${path}${text ? `?${text}` : ""}`;
}

const home = (query) => address("/", query);
// The list as it was left in this tab, where the page is opened with the same token.
function listLeft() {
  try {
    const left = JSON.parse(sessionStorage.getItem("list"));
    return left && new URLSearchParams(left.search).get("token") === token ? left : null;
  } catch {
    return null;
  }
}
const listAddress = () => `${base}/${listLeft()?.search ?? new URL(home(), location.href).search}`;
const watchAddress = (item, own) => address(`/watch/${item.chat_id}/${item.message_id}`, own ? { token: own } : {});

// An address that the API gave: only of this server, and never a script.
function given(text) {
  if (!text) return null;
  const url = new URL(text, location.href);
  return url.origin === location.origin ? url.href : null;
}

const streamOf = (item) => given(item.stream_url) ?? new URL(address(`/stream/${item.chat_id}/${item.message_id}`), location.href).href;

function withQuery(href, name, value) {
  const url = new URL(href);
  url.searchParams.set(name, value);
  return url.href;
}

// Byte 1 of a token says how far it reaches: 1 is a single file, 2 the whole server, 4 what a stored link opens.
function reach() {
  try {
    return atob(token.replaceAll("-", "+").replaceAll("_", "/")).charCodeAt(1);
  } catch {
    return null;
  }
}

const opensEverything = () => !token || reach() === 2;
// The token for the page of a file in the list: a link to a list opens no file, but the file's own address does.
const tokenFor = (item) => (token && reach() === 4 ? new URL(streamOf(item)).searchParams.get("token") : null);

class Refused extends Error {
  constructor(status, detail, retryAfter) {
    super(detail);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

async function api(path, query = {}, signal = undefined) {
  let answer;
  try {
    answer = await fetch(address(path, query), { headers: { Accept: "application/json" }, signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused(0, "The server cannot be reached.", 0);
  }
  if (answer.ok) return answer.json();
  const problem = await answer.json().catch(() => ({}));
  throw new Refused(answer.status, problem.detail ?? answer.statusText, Number(answer.headers.get("Retry-After")) || 0);
}

function bytes(count) {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
  const power = Math.min(units.length - 1, count < 1000 ? 0 : Math.floor(Math.log10(count) / 3));
  const value = count / 1000 ** power;
  const style = { style: "unit", unit: units[power], unitDisplay: power ? "short" : "long", maximumFractionDigits: value < 10 && power ? 1 : 0 };
  return new Intl.NumberFormat("en", style).format(value);
}

function clock(seconds) {
  const whole = Math.round(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const shown = parts[0] ? parts : parts.slice(1);
  return shown.map((part, index) => (index ? String(part).padStart(2, "0") : part)).join(":");
}

const day = (unix) => new Date(unix * 1000).toLocaleDateString("en", { day: "numeric", month: "long", year: "numeric" });
const kindOf = (item) => KINDS[item.kind] ?? KINDS.document;

// What a file is called by people: its tags, or its name without the ending that its kind tells already.
// Photos and voice messages have no name of their own, only one that was made up.
function heading(item) {
  if (visible(item.title)) return item.title;
  const line = item.caption.split("\n").find(visible);
  const made = item.kind === "photo" || item.kind === "voice";
  const name = made ? "" : item.kind === "document" ? item.name : item.name.replace(/(.)\.[A-Za-z0-9]{2,5}$/, "$1");
  if (visible(name)) return name;
  if (line) return line.length > 80 ? `${line.slice(0, 79)}…` : line;
  return `${kindOf(item).one}, ${day(item.date)}`;
}

// Whether a text shows anything: spaces, zero-width signs and the like do not.
const visible = (text) => /[^\s\p{Cc}\p{Cf}\p{Cs}\p{M}\u115f\u1160\u2800\u3164\uffa0]/u.test(text);

const extension = (item) => (item.name.match(/\.([A-Za-z0-9]{1,5})$/)?.[1] ?? kindOf(item).one).toUpperCase();
const say = (text) => { document.getElementById("spoken").textContent = text; };

// A steady hue for files without a picture, from what follows the last dot of their name.
function hue(item) {
  let sum = 0;
  for (const char of extension(item)) sum = (sum * 33 + char.codePointAt(0)) % 1009;
  return [248, 210, 322, 16, 172][sum % 5];
}

// A message in place of content, with what can be done about it.
function notice(title, text, ...actions) {
  return el("section", { class: "notice" }, el("h2", {}, title), el("p", {}, text), el("div", { class: "actions" }, ...actions));
}

function failure(error, again) {
  const retry = el("button", { class: "button", type: "button", onclick: again }, "Try again");
  if (error.status === 401 || error.status === 403) {
    const lead = error.status === 401 ? "Open this page with a link" : "This link does not open this page";
    return notice(lead, `${error.message} The bot answers every file with one; whoever runs this server can make others.`);
  }
  if (error.status === 404 || error.status === 410) return notice("Nothing here", error.message, homeButton());
  if (error.status === 503) {
    const timer = setTimeout(again, 1000 * Math.min(30, Math.max(2, error.retryAfter)));
    retry.addEventListener("click", () => clearTimeout(timer));
    return notice("One moment", `${error.message} This page tries again by itself.`, retry);
  }
  return notice("That did not work", error.message, retry);
}

const homeButton = () => (opensEverything() ? el("a", { class: "button", href: home() }, "All files") : null);
