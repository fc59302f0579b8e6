// The log-in page: shows a code and a number, and waits until they are confirmed in the bot.

const base = location.pathname.replace(/\/(watch\/-?\d+\/\d+|login)?\/?$/, "");
const $ = (id) => document.getElementById(id);
const pause = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));
const card = document.querySelector('[data-for="waiting"]');
const SVG = "http://www.w3.org/2000/svg";
let expires = 0;

class Refused extends Error {
  constructor(status, detail, retryAfter) {
    super(detail);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

async function api(path, options = {}) {
  let answer;
  try {
    answer = await fetch(`${base}${path}`, { headers: { Accept: "application/json" }, cache: "no-store", ...options });
  } catch {
    throw new Refused(0, "The server cannot be reached.", 3);
  }
  if (answer.ok) return answer.json();
  const problem = await answer.json().catch(() => ({}));
  throw new Refused(answer.status, problem.detail ?? answer.statusText, Number(answer.headers.get("Retry-After")) || 3);
}

function picture({ size, path }) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${size} ${size}`);
  svg.setAttribute("shape-rendering", "crispEdges");
  svg.setAttribute("aria-hidden", "true");
  const dark = document.createElementNS(SVG, "path");
  dark.setAttribute("d", path);
  svg.append(dark);
  return svg;
}

function over(title, text) {
  expires = 0;
  $("ended-title").textContent = title;
  $("ended-text").textContent = text;
  $("ended").hidden = false;
  card.classList.add("over");
  $("again").focus();
}

function show(login) {
  card.classList.remove("over");
  $("ended").hidden = true;
  $("number").textContent = login.number;
  $("command").textContent = `/login ${login.code}`;
  $("open").hidden = $("picture").hidden = !login.bot_url;
  if (login.bot_url) {
    for (const link of [$("open"), $("picture")]) link.href = login.bot_url;
    $("picture").replaceChildren(picture(login.qr));
  }
  expires = performance.now() + Math.max(0, login.expires_at * 1000 - Date.now());
}

// The time of the server and of this machine may differ: the wait decides, this only tells.
setInterval(() => {
  if (!expires) return;
  const left = Math.max(0, Math.min(300, Math.round((expires - performance.now()) / 1000)));
  $("said").textContent = `Waiting for you in the bot, ${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
}, 1000);

function enter() {
  $("said").textContent = "You are logged in";
  if (/\/login\/?$/.test(location.pathname)) location.replace(`${base}/`);
  else location.reload();
}

async function outcome(code) {
  for (;;) {
    try {
      const { state } = await api(`/api/login/wait?code=${encodeURIComponent(code)}`);
      if (state !== "waiting") return state;
    } catch (error) {
      if (error.status && error.status !== 429 && error.status < 500) throw error;
      $("said").textContent = error.message;
      await pause(Math.min(15, error.retryAfter));
    }
  }
}

async function logIn() {
  $("said").textContent = "One moment";
  try {
    const login = await api("/api/login/start", { method: "POST" });
    show(login);
    const state = await outcome(login.code);
    if (state === "confirmed") enter();
    else if (state === "refused") over("The log-in was refused", "Somebody chose another number in the bot, or said that it was not them.");
    else over("This code has expired", "A code is valid for 5 minutes.");
  } catch (error) {
    over("That did not work", error.message);
  }
}

$("again")?.addEventListener("click", logIn);
if (card) logIn();
