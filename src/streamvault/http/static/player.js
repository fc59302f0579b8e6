// One file: the player, what is known of it, and ways to take it elsewhere.

async function showFile(chat, message) {
  const begins = opensToPlay();
  const back = document.getElementById("back");
  if (opensEverything()) {
    back.href = listAddress();
    back.addEventListener("click", () => sessionStorage.setItem("return", "1"));
    back.hidden = false;
  }
  main.classList.add("watch");
  main.replaceChildren(el("div", { class: "stage ghost" }), el("div", { class: "about ghost" }, el("p"), el("p")));
  try {
    const item = await api(`/api/catalog/${chat}/${message}`);
    document.title = legible(`${heading(item)} – StreamVault`);
    main.replaceChildren(stage(item), about(item));
    if (begins) begin(main.querySelector("video, audio"));
    if (opensEverything()) neighbours(item);
  } catch (error) {
    main.replaceChildren(failure(error, () => showFile(chat, message)));
    say(error.message);
  }
}

// Where a browser refuses to play, it stays paused. What has no source yet begins when it gets one.
function begin(player) {
  if (!player) return;
  if (player.hasAttribute("src")) player.play().catch(() => {});
  else player.autoplay = true;
}

// The type says what shows it: animations may be GIFs, and stickers films. Playlists have types of sound and video.
function tagOf(item) {
  const [type, rest] = item.mime_type.split("/");
  if (/svg|mpegurl|scpls|x-ms-asx|pn-realaudio/.test(rest)) return null;
  return { video: "video", audio: "audio", image: "img" }[type] ?? null;
}

function stage(item) {
  const source = streamOf(item);
  const thumb = given(item.thumb_url);
  const tag = tagOf(item);
  const box = el("div", { class: `stage ${tag ?? "card"}` });
  box.style.setProperty("--hue", hue(item));
  if (item.width && item.height && tag !== "audio") box.style.setProperty("--ratio", `${item.width} / ${item.height}`);
  if (tag === "img") {
    box.append(el("img", { src: source, alt: item.caption || heading(item), onerror: () => broken(item, box, source) }));
  } else if (tag) {
    if (tag === "audio") box.append(sleeve(item, thumb));
    const silent = item.kind === "animation" || item.kind === "sticker";
    const film = tag === "video" && !silent;
    const waits = film && !/^video\/(mp4|webm|ogg)$/.test(item.mime_type); // a browser might read all of it for nothing
    const player = el(tag, { src: waits ? null : source, controls: true, preload: "metadata", playsinline: true, loop: silent, autoplay: silent, "aria-label": heading(item), poster: tag === "video" ? thumb : null });
    player.muted = silent;
    if (!film) player.addEventListener("error", () => broken(item, box, source));
    keys(player);
    box.append(player);
    if (film) playFilm(item, box, player, source);
  } else {
    box.append(icon(kindOf(item).icon), el("p", { class: "ext" }, extension(item)), el("p", {}, `${bytes(item.size)}, to download`));
  }
  return box;
}

function sleeve(item, thumb) {
  const cover = el("div", { class: "sleeve" });
  const plain = () => cover.replaceChildren(icon(kindOf(item).icon));
  if (!thumb) plain();
  else {
    const whole = el("img", { class: "whole", src: thumb, alt: "" });
    whole.addEventListener("error", plain); // one that has to be made may not be there yet, or never
    cover.append(el("img", { class: "blur", src: thumb, alt: "" }), whole);
  }
  return cover;
}

// A player says little about why it failed; asking for the head of the file tells whose fault it is.
async function broken(item, box, source) {
  let detail = null;
  try {
    const answer = await fetch(source, { method: "HEAD" });
    if (!answer.ok) detail = answer.status === 503 ? "Telegram is not available at the moment." : `The server answered ${answer.status}.`;
  } catch {
    detail = "The server cannot be reached.";
  }
  const text = detail ?? `This browser cannot play this file (${item.mime_type}). Download it, or open its stream address in a player such as VLC or mpv.`;
  const title = detail ? "The stream broke off" : "Not for this browser";
  instead(box, notice(title, text, downloadButton(item), detail ? tryAgain(item, box) : null));
  say(text);
}

// What stands in place of the player; there is nothing to choose from any more.
function instead(box, text) {
  const after = box.nextElementSibling;
  if (after?.matches(".choices")) after.remove();
  box.replaceChildren(text);
  box.className = "stage card";
}

const tryAgain = (item, box) => el("button", { class: "button", type: "button", onclick: () => box.replaceWith(stage(item)) }, "Try again");

const downloadButton = (item) => el("a", { class: "button strong", href: withQuery(streamOf(item), "download", "1") }, icon("M12 4v11 M7 11l5 5 5-5 M5 20h14"), "Download");

function about(item) {
  const rows = [
    ["Kind", kindOf(item).one],
    ["Size", bytes(item.size)],
    ["Length", item.duration ? clock(item.duration) : null],
    ["Picture", item.width && item.height ? `${item.width} × ${item.height}` : null],
    ["Type", item.mime_type],
    ["Posted", day(item.date)],
    ["File", item.name],
  ];
  const facts = rows.filter(([, value]) => value).flatMap(([name, value]) => [el("dt", {}, name), el("dd", { dir: "auto" }, value)]);
  // The page's own token may open everything: a link for others carries the file's token instead.
  const stream = new URL(streamOf(item));
  const share = new URL(watchAddress(item, opensEverything() ? stream.searchParams.get("token") : token), location.href).href;
  return el(
    "div",
    { class: "about" },
    el("h1", { dir: "auto" }, heading(item)),
    item.performer ? el("p", { class: "by", dir: "auto" }, item.performer) : null,
    item.caption && item.caption !== heading(item) ? el("p", { class: "caption", dir: "auto" }, item.caption) : null,
    el("div", { class: "actions" }, downloadButton(item), copyButton("Copy link", share), copyButton("Copy stream address", stream.href)),
    el("dl", {}, ...facts),
  );
}

function copyButton(label, text) {
  const button = el("button", { class: "button", type: "button" }, label);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
      say("Copied");
    } catch {
      button.replaceWith(el("input", { class: "copy", readonly: true, value: text, "aria-label": label, onfocus: (event) => event.target.select() }));
      return;
    }
    setTimeout(() => { button.textContent = label; }, 1600);
  });
  return button;
}

async function neighbours(item) {
  try {
    const page = await api("/api/catalog", { chat_id: item.chat_id, limit: 13 });
    const others = page.items.filter((other) => other.message_id !== item.message_id).slice(0, 12);
    if (others.length) main.append(el("section", { class: "more" }, el("h2", {}, "More from this channel"), el("ul", { class: "grid" }, ...others.map(card))));
  } catch (error) {
    say(error.message); // the file itself is there; the list is only a courtesy
  }
}

// k plays and pauses, j and l or the arrows move, f fills the screen, wherever the focus is on the page.
function keys(player) {
  document.addEventListener("keydown", (event) => {
    if (!player.isConnected || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, button, a, video, audio") && !["j", "k", "l", "f"].includes(event.key)) return;
    const move = player.dataset.seeks === "no" ? 0 : { ArrowLeft: -5, ArrowRight: 5, j: -10, l: 10 }[event.key];
    if (move) player.currentTime = Math.max(0, player.currentTime + move);
    else if (event.key === "k" || event.key === " ") player.paused ? player.play() : player.pause();
    else if (event.key === "f" && document.fullscreenEnabled) document.fullscreenElement ? document.exitFullscreen() : player.requestFullscreen?.();
    else return;
    event.preventDefault();
  });
}

if (opensEverything()) document.getElementById("brand").href = home();
if (place) showFile(place[2], place[3]);
else showCatalog();
showAccount();
