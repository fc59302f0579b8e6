// What the player of music asks the server.

import { address, bearer, isElsewhere } from "@/api/address";
import { ask, client } from "@/api/client";
import { besideOf, streamOf } from "@/api/media";
import type { Track } from "./queue";
import type { Found } from "./trouble";

const CONTAINERS = {
  mp4: "audio/mp4",
  webm: "audio/webm",
  matroska: "video/x-matroska",
  mpegts: "video/mp2t",
  ogg: "audio/ogg",
  mp3: "audio/mpeg",
  flac: "audio/flac",
  wav: "audio/wav",
  hls: "application/vnd.apple.mpegurl",
};

/** MP3, which browsers take in files of its own but not by this name. */
const MP3 = "mp4a.40.34";

export const trackAt = (chat: number, message: number): Promise<Track> =>
  ask(
    client().GET("/api/catalog/{chat_id}/{message_id}", { params: { path: { chat_id: chat, message_id: message } } }),
  );

export const hlsOf = (track: Track) => besideOf(track, "hls", "/master.m3u8");

/** Why a track does not play: what the server answers for its file, and how it says that this browser plays it. */
export async function lookInto(track: Track): Promise<Found> {
  try {
    const answer = await fetch(streamOf(track), { method: "HEAD", cache: "no-store" });
    const found = { status: answer.status, retryAfter: Number(answer.headers.get("Retry-After")) || 0 };
    return { ...found, play: answer.ok ? await waysOf(track) : null };
  } catch {
    return { status: 0, retryAfter: 0, play: null };
  }
}

async function waysOf(track: Track): Promise<Found["play"]> {
  const probe = document.createElement("audio");
  const path = { chat_id: track.chat_id, message_id: track.message_id };
  const containers = Object.entries(CONTAINERS).flatMap(([name, type]) => (probe.canPlayType(type) ? [name] : []));
  const facts = (query: object) => ask(client().GET("/api/facts/{chat_id}/{message_id}", { params: { path, query } }));
  try {
    const known = await facts({});
    if (!("tracks" in known)) return null;
    const codecs = known.tracks.map((one) => one.codec_string).filter(Boolean);
    const takes = codecs.filter((codec) =>
      codec === MP3
        ? probe.canPlayType("audio/mpeg")
        : ["audio/mp4", "audio/webm", "audio/ogg"].some((type) => probe.canPlayType(`${type}; codecs="${codec}"`)),
    );
    const told = await facts({ client: true, containers: containers.join(","), takes: takes.join(",") });
    return "play" in told ? (told.play ?? null) : null;
  } catch {
    return null; // the server does not know either
  }
}

/** Tells the server how far a long sound was heard; also while the page is being closed. */
export async function report(track: Track, position: number, duration: number): Promise<void> {
  try {
    await fetch(address(`/api/watch/${track.chat_id}/${track.message_id}`), {
      method: "PUT",
      keepalive: true,
      credentials: isElsewhere() ? "omit" : "same-origin",
      headers: { "Content-Type": "application/json", ...(bearer() ? { Authorization: `Bearer ${bearer()}` } : {}) },
      body: JSON.stringify({ position, duration: duration || null }),
    });
  } catch {
    // told the next time
  }
}
