// What tracks are called.

import type { Subtitle, Track } from "@/api/facts";
import { locale } from "@/i18n";
import { legible, visible } from "@/parts/words";

/** "German" for de; the tag itself where the browser does not know it. */
export function languageName(tag: string): string {
  try {
    return tag ? (new Intl.DisplayNames([locale()], { type: "language" }).of(tag) ?? tag) : "";
  } catch {
    return tag;
  }
}

/** Language and title, each once: many titles only repeat the language. `fallback` where there is neither. */
export function trackName(track: Pick<Track | Subtitle, "language" | "title">, fallback: string): string {
  const language = languageName(track.language);
  const title = legible(track.title);
  const parts = title.toLowerCase() === language.toLowerCase() ? [language] : [language, title];
  return [...new Set(parts.filter(visible))].join(" – ") || fallback;
}

/** 2 as "stereo", 6 as "5.1". */
export function channelsName(channels: number | null): string {
  const names: Record<number, string> = { 1: "1.0", 2: "2.0", 6: "5.1", 7: "6.1", 8: "7.1" };
  return channels ? (names[channels] ?? String(channels)) : "";
}

const CODECS: Record<string, string> = {
  h264: "H.264",
  hevc: "HEVC",
  av1: "AV1",
  vp8: "VP8",
  vp9: "VP9",
  aac: "AAC",
  ac3: "AC-3",
  eac3: "E-AC-3",
  dts: "DTS",
  truehd: "TrueHD",
  opus: "Opus",
  vorbis: "Vorbis",
  mp3: "MP3",
  flac: "FLAC",
  subrip: "SRT",
  ass: "ASS",
  ssa: "SSA",
  mov_text: "TX3G",
  webvtt: "WebVTT",
  hdmv_pgs_subtitle: "PGS",
  dvd_subtitle: "VobSub",
};

/** What people call a codec. */
export const codecName = (codec: string) => CODECS[codec] ?? (/^pcm_/.test(codec) ? "PCM" : codec.toUpperCase());
