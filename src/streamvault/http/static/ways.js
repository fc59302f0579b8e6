// How this browser plays a film: it is asked about the codecs in the film, and the server decides (playback/decision.py).

const CONTAINERS = {
  mp4: "video/mp4", webm: "video/webm", matroska: "video/x-matroska", mpegts: "video/mp2t", ogg: "audio/ogg", mp3: "audio/mpeg", flac: "audio/flac", wav: "audio/wav",
  hls: "application/vnd.apple.mpegurl",
};

// What the media element and MediaSource say of these codec strings, as query parameters of /api/facts.
function abilities(tracks) {
  const probe = document.createElement("video");
  const source = window.MediaSource ?? window.ManagedMediaSource;
  const codecs = [...new Set(tracks.map((track) => track.codec_string).filter(Boolean))];
  const types = (codec) => ["video/mp4", "video/webm", "audio/mp4", "audio/webm"].map((type) => `${type}; codecs="${codec}"`);
  return {
    containers: Object.keys(CONTAINERS).filter((name) => probe.canPlayType(CONTAINERS[name])).join(","),
    takes: codecs.filter((codec) => types(codec).some((type) => probe.canPlayType(type))).join(","),
    mse: source ? ["mp4a.40.2", ...codecs].filter((codec) => [0, 2].some((at) => source.isTypeSupported(types(codec)[at]))).join(",") : "",
    languages: (navigator.languages ?? []).slice(0, 8).join(","),
  };
}

// The facts of a file with `play`, the decision; null where the server has none. `audio` is the sound that was chosen.
async function waysOf(item, audio = null) {
  const path = `/api/facts/${item.chat_id}/${item.message_id}`;
  const query = { token: tokenFor(item) ?? token };
  const facts = await patiently(path, query);
  if (!facts?.tracks) return null;
  const decided = await patiently(path, { ...query, ...abilities(facts.tracks), client: "1", audio: audio === null ? null : String(audio) });
  return decided?.play ? decided : null;
}

// The answer; while the server still reads the film it says 202 and when to ask again.
async function patiently(path, query) {
  for (let tries = 0; tries < 20; tries += 1) {
    const answer = await fetch(address(path, query), { headers: { Accept: "application/json" } });
    if (answer.status !== 202 && answer.status !== 503) return answer.ok ? answer.json() : null;
    await new Promise((done) => setTimeout(done, 1000 * Math.min(10, Number(answer.headers.get("Retry-After")) || 1)));
  }
  return null;
}

const MOST_ASKED = 6; // versions of a film that are looked at

// Another version of the same film or episode that this browser plays, the best quality first; null where there is none.
async function versionThatPlays(item) {
  if (!item.facts?.work) return null;
  const path = `/api/works/${encodeURIComponent(item.facts.work)}`;
  const others = ({ files, seasons }) => [...files, ...seasons.flatMap((season) => season.episodes.flatMap((one) => one.files))]
    .filter((one) => one.plays && one.file_unique_id !== item.file_unique_id && one.facts.season === item.facts.season && one.facts.episode === item.facts.episode);
  const codecs = others(await api(path)).flatMap((one) => one.plays.codecs.map((name) => ({ codec_string: name })));
  const versions = others(await api(path, { ...abilities(codecs), client: "1" }));
  for (const one of versions.slice(0, MOST_ASKED)) {
    const way = one.plays.way === "unknown" ? (await waysOf(one))?.play.way : one.plays.way;
    if (way && way !== "player") return one;
  }
  return null;
}

// The address of what belongs to a file, with the token that its stream has.
function beside(item, kind, rest = "") {
  const url = new URL(address(`/${kind}/${item.chat_id}/${item.message_id}${rest}`), location.href);
  const own = new URL(streamOf(item)).searchParams.get("token");
  if (own) url.searchParams.set("token", own);
  return url.href;
}

const subtitlesOf = async (item) => {
  const answer = await fetch(beside(item, "subtitles")).catch(() => null);
  return answer?.ok ? (await answer.json()).items : [];
};

const languageName = (tag) => {
  try {
    return tag ? new Intl.DisplayNames(["en"], { type: "language" }).of(tag) : "";
  } catch {
    return tag;
  }
};

// Many titles only repeat the language ("English").
function trackName(track, number) {
  const language = languageName(track.language);
  return [...new Set([language, track.title].filter(visible))].join(" – ") || `Track ${number + 1}`;
}
