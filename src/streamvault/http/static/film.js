// A film: played the way that the server has decided for this browser, with its sounds and subtitles to choose from.

const READ_SHOWN = 400; // milliseconds until the viewer is told that the server reads the film,
const READ_WAITS = 5000; // and until the stream is tried as it is

// `broke` is what an error of the player means in the way that it plays at the moment.
async function playFilm(item, box, player, source) {
  const film = { item, box, player, source, hls: null, way: null, audio: null, shown: null, asked: 0, choices: null };
  film.said = el("p", { class: "said", role: "status", hidden: true });
  film.broke = () => words(film)("The server reads the film.");
  player.addEventListener("error", () => { if (player.error) film.broke(); });
  box.append(film.said);
  const waiting = player.hasAttribute("src") ? [] : waitForFacts(film);
  const facts = await waysOf(item).catch(() => null);
  waiting.forEach(clearTimeout);
  if (!player.isConnected) return;
  words(film)("");
  if (!facts) return playAsItIs(film);
  if (facts.play.way === "player" && (await playsAnother(film, facts))) return undefined;
  await take(film, facts);
  menus(film, facts, await subtitlesOf(item));
}

// Another version in place of one that this browser cannot play; false where there is none.
async function playsAnother({ item, box, player }, facts) {
  const other = await versionThatPlays(item).catch(() => null);
  if (!player.isConnected) return true;
  if (!other) return false;
  const text = `This browser cannot play ${item.name}. ${whyNot(facts.play)} This is another version: ${other.name}.`;
  const shown = stage(other);
  box.replaceWith(shown);
  shown.after(el("p", { class: "said", role: "status" }, text));
  if (player.autoplay) begin(shown.querySelector("video"));
  return true;
}

function waitForFacts(film) {
  const tell = setTimeout(film.broke, READ_SHOWN);
  const fallBack = setTimeout(() => {
    film.player.addEventListener("loadeddata", () => { if (!film.way) words(film)(""); }, { once: true });
    film.player.src = film.source;
  }, READ_WAITS);
  return [tell, fallBack];
}

// The file itself; what the player has already refused is told now.
function playAsItIs(film) {
  const { item, box, player, source } = film;
  film.broke = () => broken(item, box, source);
  if (player.getAttribute("src") !== source) player.src = source;
  else if (player.error) film.broke();
}

const words = (film) => (text) => {
  film.said.textContent = text;
  film.said.hidden = !text;
};

// Begin, or go on, in the way of `facts.play`, from where the player is.
async function take(film, facts) {
  const { item, player } = film;
  const { way, audio, warning, seeks } = facts.play;
  const at = player.currentTime;
  const goesOn = !player.paused && at > 0;
  film.audio = audio;
  player.dataset.seeks = seeks ? "yes" : "no";
  player.dataset.way = way;
  words(film)(warning);
  if (film.hls && way === "hls.js") return chooseSound(film.hls, audio);
  film.hls?.destroy();
  film.hls = null;
  film.way = way;
  const failed = (reason) => cannot(film, reason, facts);
  if (way === "player") return failed(null);
  if (way === "hls.js") {
    film.broke = () => {}; // the script sees to it
    player.removeAttribute("src");
    try {
      film.hls = await playByScript(item, player, { at, audio, said: (text) => words(film)(text || warning), failed });
    } catch (error) {
      return failed(`${error.message[0].toUpperCase()}${error.message.slice(1)}.`);
    }
  } else if (way === "direct") {
    playAsItIs(film);
  } else {
    const master = beside(item, "hls", "/master.m3u8");
    film.broke = () => failed("The stream broke off.");
    player.src = audio === null ? master : withQuery(master, "audio", String(audio));
  }
  if (way !== "hls.js" && at && player.currentTime !== at) player.currentTime = at;
  if (goesOn) player.autoplay = true;
  show(film, film.shown);
  return undefined;
}

const WAYS = { direct: "As it is", hls: "By the browser's own HLS", "hls.js": "By HLS, with a script", player: "In a player such as VLC" };

const whyNot = ({ reasons }) => [reasons.direct, reasons["hls.js"]].filter((text, at, all) => text && all.indexOf(text) === at).join(" ");

// Why this browser cannot play it, and what can.
function cannot({ item, box, source, hls }, reason, facts) {
  hls?.destroy();
  const why = reason ?? whyNot(facts.play);
  const vlc = el("a", { class: "button", href: `vlc://${new URL(source).href}` }, "Open in VLC");
  const again = reason ? tryAgain(item, box) : null;
  const text = `${why} Download it, or open its stream address in a player such as VLC or mpv.`;
  instead(box, notice(reason ? "The stream broke off" : "This browser cannot play this film", text, vlc, downloadButton(item), again));
  say(why);
}

function menus(film, facts, subtitles) {
  if (!film.player.isConnected) return;
  const sounds = facts.tracks.filter((track) => track.type === "audio");
  const texts = subtitles.filter((one) => one.url);
  const bar = el("div", { class: "tracks" });
  if (sounds.length > 1) bar.append(menu("Sound", sounds.map((track, at) => [track.index, trackName(track, at)]), film.audio, (select) => choose(film, select)));
  if (texts.length) {
    const first = texts.findIndex((one) => one.track !== null && one.track === facts.play.subtitles);
    const options = [["", "None"], ...texts.map((one, at) => [at, trackName(one, at)])];
    bar.append(menu("Subtitles", options, first < 0 ? "" : first, ({ value }) => show(film, value === "" ? null : texts[Number(value)])));
    if (first >= 0) show(film, texts[first]);
  }
  film.pictures = subtitles.filter((one) => !one.url).map(trackName);
  film.why = el("div", { class: "why" });
  film.choices = el("div", { class: "choices" }, bar, film.why);
  explain(film, facts);
}

// The ways that are not taken, where there is more to say of them than that none is needed.
function explain(film, facts) {
  const rows = Object.entries(facts.play.reasons).filter(([, why]) => !why.startsWith("Not needed")).flatMap(([way, why]) => [el("dt", {}, WAYS[way]), el("dd", {}, why)]);
  if (film.pictures.length) rows.push(el("dt", {}, "Subtitles as pictures"), el("dd", {}, `${film.pictures.join(", ")}: a player such as VLC shows them.`));
  film.why.replaceChildren(...(rows.length ? [el("details", {}, el("summary", {}, `How it plays: ${WAYS[facts.play.way]}`), el("dl", {}, ...rows))] : []));
  if (rows.length || film.choices.querySelector("select")) film.box.after(film.choices);
  else film.choices.remove();
}

function menu(label, options, chosen, change) {
  const select = el("select", { onchange: (event) => change(event.target) }, ...options.map(([value, name]) => el("option", { value: String(value), selected: String(value) === String(chosen) }, name)));
  return el("label", {}, el("span", {}, label), select);
}

// Another sound: at once where the script plays, else in the way that can. Where none can, the film plays on as it does.
async function choose(film, select) {
  const number = film.asked += 1;
  const facts = await waysOf(film.item, Number(select.value)).catch(() => null);
  if (number !== film.asked || !film.player.isConnected) return;
  if (facts && facts.play.way !== "player") {
    await take(film, facts);
    if (film.player.isConnected) explain(film, facts);
    return;
  }
  select.value = String(film.audio);
  words(film)(facts ? `This sound cannot be played here. ${whyNot(facts.play)}` : "The server does not answer for this sound. Try again in a moment.");
}

function show(film, chosen) {
  const { player, hls } = film;
  film.shown = chosen;
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
