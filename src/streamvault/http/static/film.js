// A film: played the way that the server has decided for this browser, with its sounds and subtitles to choose from.

async function playFilm(item, box, player, source) {
  const film = { item, box, player, source, hls: null, way: "direct", audio: null, said: el("p", { class: "said", role: "status", hidden: true }) };
  const facts = await waysOf(item).catch(() => null);
  if (!player.isConnected) return;
  if (!facts) {
    if (!player.hasAttribute("src")) player.src = source;
    return;
  }
  box.append(film.said);
  await take(film, facts);
  menus(film, facts, await subtitlesOf(item));
}

const words = (film) => (text) => {
  film.said.textContent = text;
  film.said.hidden = !text;
};

// Begin, or go on, in the way of `facts.play`, from where the player is.
async function take(film, facts) {
  const { item, player, source } = film;
  const { way, audio, warning, seeks } = facts.play;
  const at = player.currentTime;
  const goesOn = !player.paused && at > 0;
  film.audio = audio;
  player.dataset.seeks = seeks ? "yes" : "no";
  player.dataset.way = way;
  if (film.hls && way === "hls.js") return chooseSound(film.hls, audio);
  film.hls?.destroy();
  film.hls = null;
  film.way = way;
  const failed = (reason) => cannot(film, reason, facts);
  if (way === "player") return failed(null);
  words(film)(warning);
  if (way === "hls.js") {
    player.removeAttribute("src");
    try {
      film.hls = await playByScript(item, player, { at, audio, said: (text) => words(film)(text || warning), failed });
    } catch (error) {
      return failed(`${error.message[0].toUpperCase()}${error.message.slice(1)}.`);
    }
  } else {
    const master = beside(item, "hls", "/master.m3u8");
    const wanted = way === "direct" ? source : audio === null ? master : withQuery(master, "audio", String(audio));
    if (player.getAttribute("src") === wanted) return undefined;
    player.src = wanted;
    if (at) player.currentTime = at;
    if (way === "hls") player.addEventListener("error", () => failed("The stream broke off."), { once: true });
  }
  if (goesOn) player.autoplay = true;
  return undefined;
}

const WAYS = { direct: "As it is", hls: "By the browser's own HLS", "hls.js": "By HLS, with a script", player: "In a player such as VLC" };

// Why this browser cannot play it, and what can.
function cannot({ item, box, source, hls }, reason, facts) {
  hls?.destroy();
  const { reasons } = facts.play;
  const why = reason ?? [reasons.direct, reasons["hls.js"]].filter((text, at, all) => text && all.indexOf(text) === at).join(" ");
  const vlc = el("a", { class: "button", href: `vlc://${new URL(source).href}` }, "Open in VLC");
  const again = reason ? el("button", { class: "button", type: "button", onclick: () => box.replaceWith(stage(item)) }, "Try again") : null;
  const text = `${why} Download it, or open its stream address in a player such as VLC or mpv.`;
  box.replaceChildren(notice(reason ? "The stream broke off" : "This browser cannot play this film", text, vlc, downloadButton(item), again));
  box.className = "stage card";
  say(why);
}

function menus(film, facts, subtitles) {
  if (!film.player.isConnected) return;
  const sounds = facts.tracks.filter((track) => track.type === "audio");
  const texts = subtitles.filter((one) => one.url);
  const bar = el("div", { class: "tracks" });
  if (sounds.length > 1) bar.append(menu("Sound", sounds.map((track, at) => [track.index, trackName(track, at)]), film.audio, (value) => choose(film, Number(value))));
  if (texts.length) {
    const first = texts.findIndex((one) => one.track !== null && one.track === facts.play.subtitles);
    const options = [["", "None"], ...texts.map((one, at) => [at, trackName(one, at)])];
    bar.append(menu("Subtitles", options, first < 0 ? "" : first, (value) => show(film, value === "" ? null : texts[Number(value)])));
    if (first >= 0) show(film, texts[first]);
  }
  const pictures = subtitles.filter((one) => !one.url).map(trackName);
  const why = el("details", { class: "why" });
  film.explain = (play) => explain(why, play, pictures);
  film.explain(facts.play);
  film.box.after(el("div", { class: "choices" }, bar, why));
}

// How it plays now, and why not otherwise.
function explain(box, play, pictures) {
  const rows = Object.entries(play.reasons).filter(([, why]) => !why.startsWith("Not needed")).flatMap(([way, why]) => [el("dt", {}, WAYS[way]), el("dd", {}, why)]);
  if (pictures.length) rows.push(el("dt", {}, "Subtitles as pictures"), el("dd", {}, `${pictures.join(", ")}: a player such as VLC shows them.`));
  if (!rows.length) rows.push(el("dt", {}, "Others"), el("dd", {}, "Not needed."));
  box.replaceChildren(el("summary", {}, `How it plays: ${WAYS[play.way]}`), el("dl", {}, ...rows));
}

function menu(label, options, chosen, change) {
  const select = el("select", { onchange: (event) => change(event.target.value) }, ...options.map(([value, name]) => el("option", { value: String(value), selected: String(value) === String(chosen) }, name)));
  return el("label", {}, el("span", {}, label), select);
}

// Another sound: at once where the script plays, else in the way that can.
async function choose(film, audio) {
  const facts = await waysOf(film.item, audio).catch(() => null);
  if (!facts || !film.player.isConnected) return;
  film.explain(facts.play);
  await take(film, facts);
}

function show(film, chosen) {
  const { player, hls } = film;
  for (const track of player.querySelectorAll("track[data-own]")) { track.track.mode = "disabled"; track.remove(); }
  const inside = hls && chosen && chosen.track !== null ? renditionOf(hls.subtitleTracks, "text", chosen.track) : -1;
  if (hls) {
    hls.subtitleTrack = inside;
    hls.subtitleDisplay = inside >= 0;
  }
  if (!chosen || inside >= 0) return;
  const track = el("track", { "data-own": true, kind: "subtitles", src: beside(film.item, "subtitles", `/${chosen.id}.vtt`), srclang: chosen.language || null, label: trackName(chosen, 0) });
  player.append(track);
  track.track.mode = "showing";
}
