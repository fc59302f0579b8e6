// Playing by HLS, with the browser's own or with hls.js, which is loaded where a film needs it.

let script = null;

// The text goes into an inline script: the page's policy allows exactly this one, whatever else this server serves.
function loadHls() {
  script ??= fetch(`${base}/static/HLS_SCRIPT`).then(async (answer) => {
    if (!answer.ok) throw new Error(`the player could not be loaded (${answer.status})`);
    const code = el("script");
    code.textContent = await answer.text();
    document.head.append(code);
    if (!window.Hls) throw new Error("the player could not be started");
    return window.Hls;
  }).catch((error) => {
    script = null;
    throw error;
  });
  return script;
}

// What the server says of its refusal, as a sentence; "" where it says nothing. Segments are loaded as bytes.
function saidBy(answer) {
  try {
    const text = answer.responseType === "arraybuffer" ? new TextDecoder().decode(answer.response) : answer.responseText;
    const detail = String(JSON.parse(text).detail ?? "").replace(/: come back in \d+ s$/, "");
    return detail && `${detail[0].toUpperCase()}${detail.slice(1)}${/[.!?]$/.test(detail) ? "" : "."}`;
  } catch {
    return "";
  }
}

const waitingFor = (answer) => `${saidBy(answer) || "The server is busy."} This page tries again by itself.`;

// How long the server says to wait, within reason.
const secondsOf = (answer) => Math.min(30, Math.max(1, Number(answer?.getResponseHeader?.("Retry-After")) || 5));

// `said` gets words for the viewer, "" when all is well again; `failed` gets the reason why it cannot go on.
async function playByScript(item, player, { at, audio, said, failed }) {
  const Hls = await loadHls();
  const hls = new Hls({ startPosition: at || -1, backBufferLength: 60 });
  let begun = false;
  let recovered = 0;
  let timer = null;
  const again = (words, seconds) => {
    said(words);
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (!player.isConnected) return;
      if (begun) hls.startLoad();
      else hls.loadSource(beside(item, "hls", "/master.m3u8"));
    }, seconds * 1000);
  };
  hls.on(Hls.Events.DESTROYING, () => clearTimeout(timer));
  hls.on(Hls.Events.MANIFEST_PARSED, () => { begun = true; });
  hls.on(Hls.Events.FRAG_BUFFERED, () => said(""));
  hls.on(Hls.Events.AUDIO_TRACKS_UPDATED, () => chooseSound(hls, audio));
  hls.on(Hls.Events.ERROR, (_, data) => {
    const status = data.response?.code;
    if (status === 503) said(waitingFor(data.networkDetails));
    if (!data.fatal) return;
    if (status === 503) again(waitingFor(data.networkDetails), secondsOf(data.networkDetails));
    else if (status && status >= 400) failed(saidBy(data.networkDetails) || `The server answered ${status}.`);
    else if (data.type === Hls.ErrorTypes.NETWORK_ERROR) again("The server cannot be reached. This page tries again by itself.", 5);
    else if (data.type === Hls.ErrorTypes.MEDIA_ERROR && recovered < 2) { recovered += 1; hls.recoverMediaError(); }
    else failed(`The player gave up (${data.details}).`);
  });
  hls.loadSource(beside(item, "hls", "/master.m3u8"));
  if (!player.paused) player.autoplay = true; // a new source would end a play() that came before it
  hls.attachMedia(player);
  return hls;
}

// Renditions have the index of their track in their address.
const renditionOf = (tracks, kind, index) => tracks.findIndex((track) => new URL(track.url, location.href).pathname.endsWith(`/${kind}/${index}.m3u8`));

function chooseSound(hls, index) {
  const found = renditionOf(hls.audioTracks, "audio", index);
  if (found >= 0) hls.audioTrack = found;
}
