// Everything that makes the music do something. The queue is pure (queue.ts), the sound is engine.ts; here they meet.

import { streamOf } from "@/api/media";
import { Problem } from "@/api/problem";
import { beginSounding } from "@/player/exclusive";
import { learn } from "./edit";
import { createEngine } from "./engine";
import { changeQueue, keepPosition, keepQueue, keptQueue } from "./kept-queue";
import { isLong, reports, startOf } from "./long";
import { setPresence } from "./presence";
import * as q from "./queue";
import { sentences } from "./sentences";
import { hlsOf, lookInto, report } from "./server";
import { type Keys, releaseKeys, takeKeys, tellPosition, tellState } from "./session";
import { clockOf, keepVolume, music } from "./state";
import { type Found, remedyFor, type Tried } from "./trouble";

const PRELOAD_BEFORE = 45; // seconds to the end

let turn = 0; // of loading: an answer for an older song is dropped
let failures = 0;
let tried: Tried = { retries: 0, renewed: false, hls: false };
let loaded = false; // whether the engine has the current song
let pending = 0; // seconds at which a song begins that is not loaded yet
let begins: number | undefined; // the same, of one that is being loaded; undefined: where it says itself
let lastReport = 0;
let timer: ReturnType<typeof setTimeout> | undefined;
let release = () => {};

const engine = createEngine(() => new Audio(), {
  time: onTime,
  playing: onPlaying,
  waiting: (loading) => music.set({ loading }),
  ended: onEnded,
  failed: () => void onFailed(),
  refused: () => music.set({ playing: false, loading: false, notice: sentences.refused() }),
});
engine.volume(music.get().volume, false);

const keys: Keys = {
  play: () => void resume(),
  pause,
  previous,
  next: () => next(),
  stop: clear,
  seekTo,
  seekBy: (seconds) => seekTo(clockOf.get().position + seconds),
};

// --- what people do

/** Plays these tracks from one of them on, in place of what was queued. */
export function playTracks(tracks: readonly q.Track[], start = 0, shuffled?: boolean): void {
  const before = music.get().queue;
  const queue = { ...before, shuffled: shuffled ?? before.shuffled };
  const first = shuffled ? Math.floor(Math.random() * tracks.length) : start;
  changeQueue(q.replaced(queue, tracks, first, Math.random));
  begin();
}

export function jump(index: number): void {
  changeQueue({ ...music.get().queue, at: index });
  begin();
}

export async function resume(): Promise<void> {
  if (!loaded) return begin(pending);
  music.set({ notice: "" });
  await engine.play();
}

export function pause(): void {
  clearTimeout(timer);
  engine.pause();
  music.set({ playing: false, loading: false });
}

export const toggle = () => (music.get().playing ? pause() : void resume());

export function next(asked = true): void {
  const { queue } = music.get();
  const at = q.nextOf(queue, asked);
  if (at < 0) finish();
  else jump(at);
}

export function previous(): void {
  const { queue } = music.get();
  const at = q.previousOf(queue, clockOf.get().position);
  if (at === queue.at && loaded) seekTo(0);
  else jump(at);
}

export function seekTo(seconds: number): void {
  if (!loaded) pending = seconds;
  engine.seek(seconds);
  clockOf.set({ position: Math.max(0, seconds) });
}

export function setVolume(volume: number, muted = false): void {
  music.set({ volume, muted });
  keepVolume(volume);
  engine.volume(volume, muted);
}

export function remove(index: number): void {
  const { queue } = music.get();
  const leaves = index === queue.at;
  const sounded = music.get().playing;
  changeQueue(q.removed(queue, index));
  if (leaves && music.get().queue.entries.length) begin(0, sounded);
}

export function clear(): void {
  turn += 1;
  clearTimeout(timer);
  engine.stop();
  releaseKeys();
  release();
  loaded = false;
  changeQueue({ ...q.EMPTY, repeat: music.get().queue.repeat });
  music.set({ playing: false, loading: false, notice: "" });
  clockOf.set({ position: 0, duration: 0 });
}

// --- how a song begins

/** Begins the current entry. The request for its address comes first where the queue is from before a reload. */
function begin(at?: number, sounds = true): void {
  tried = { retries: 0, renewed: false, hls: false };
  const entry = q.current(music.get().queue);
  if (entry) void load(entry, at, sounds);
}

async function load(entry: q.Entry, at: number | undefined, sounds: boolean): Promise<void> {
  turn += 1;
  const mine = turn;
  clearTimeout(timer);
  loaded = false;
  begins = at;
  const says = failures || tried.retries ? music.get().notice : "";
  music.set({ loading: sounds, playing: sounds, notice: says });
  const track = entry.track ?? (await known(entry, mine));
  if (!track || mine !== turn) return;
  const start = at ?? startOf(track);
  clockOf.set({ position: start, duration: track.duration ?? 0 });
  lastReport = start;
  pending = start;
  if (!sounds) return;
  if (start > 0 && at === undefined) music.set({ notice: sentences.resumed(start) });
  loaded = true;
  if (tried.hls) await engine.loadHls(hlsOf(track), start);
  else engine.load(streamOf(track), start);
  await engine.play();
}

/** The track of an entry; null when it failed, which is dealt with. */
async function known(entry: q.Entry, mine: number): Promise<q.Track | null> {
  try {
    await learn(entry);
  } catch (error) {
    const { status, retryAfter } = error instanceof Problem ? error : { status: 0, retryAfter: 0 };
    if (mine === turn) await mend(entry, { status, retryAfter, play: null });
    return null;
  }
  return music.get().queue.entries.find((one) => one.id === entry.id)?.track ?? null;
}

function onTime(position: number, duration: number): void {
  const { queue } = music.get();
  const track = q.current(queue)?.track;
  clockOf.set({ position, duration: duration || (track?.duration ?? 0) });
  if (position > 1 && failures) failures = 0;
  if (tried.retries && position > (begins ?? 0) + 1) {
    tried = { ...tried, retries: 0 };
    music.set({ notice: "" });
  }
  if (!track) return;
  if (duration && duration - position < PRELOAD_BEFORE) preloadNext(queue);
  keepPosition();
  if (isLong(track) && reports(position, lastReport, false)) tellServer(track);
}

function preloadNext(queue: q.Queue): void {
  const following = queue.entries[q.nextOf(queue, false)];
  if (following?.track && !startOf(following.track)) engine.preload(streamOf(following.track));
  else if (following) void learn(following).catch(() => {});
}

function onPlaying(playing: boolean): void {
  const track = q.current(music.get().queue)?.track;
  music.set({ playing });
  tellState(playing ? "playing" : "paused");
  if (!track) return;
  tellPosition(clockOf.get().position, clockOf.get().duration);
  if (playing) {
    release = beginSounding(pause);
    takeKeys(track, keys);
  } else {
    keepQueue();
    if (isLong(track) && reports(clockOf.get().position, lastReport, true)) tellServer(track);
  }
}

function onEnded(): void {
  const { queue } = music.get();
  const track = q.current(queue)?.track;
  if (track && isLong(track)) void report(track, clockOf.get().duration, clockOf.get().duration);
  if (q.nextOf(queue, false) === queue.at && queue.repeat === "one") {
    engine.seek(0);
    void engine.play();
    return;
  }
  next(false);
}

/** The last song is over: the queue stays, at its beginning. */
function finish(): void {
  engine.pause();
  const { queue } = music.get();
  loaded = false;
  pending = 0;
  changeQueue({ ...queue, at: queue.entries.length ? 0 : -1 });
  music.set({ playing: false, loading: false });
  clockOf.set({ position: 0, duration: q.current(music.get().queue)?.track?.duration ?? 0 });
  tellState("paused");
}

async function onFailed(): Promise<void> {
  const mine = turn;
  const entry = q.current(music.get().queue);
  if (!entry?.track) return;
  const found = await lookInto(entry.track);
  if (mine === turn) await mend(entry, found);
}

async function mend(entry: q.Entry, found: Found): Promise<void> {
  const position = loaded ? clockOf.get().position : begins;
  const remedy = remedyFor(found, tried);
  if (remedy.take === "skip") return skip(entry, sentences[remedy.why](remedy.said));
  if (remedy.take === "wait") {
    tried = { ...tried, retries: tried.retries + 1 };
    music.set({ loading: true, notice: sentences.waiting() });
    timer = setTimeout(() => void load(entry, position, true), remedy.seconds * 1000);
    return;
  }
  tried = { ...tried, renewed: tried.renewed || remedy.take === "renew", hls: tried.hls || remedy.take === "hls" };
  await load(remedy.take === "renew" ? { ...entry, track: null } : entry, position, true);
}

/** Leaves a song out and goes on, unless too many failed in a row. */
function skip(entry: q.Entry, why: string): void {
  failures += 1;
  const { queue } = music.get();
  const notice = `${entry.track ? sentences.skipped(entry.track) : ""} ${why}`.trim();
  const givesUp = q.givesUp(queue, failures);
  if (givesUp || q.nextOf(queue, true) < 0) {
    const failed = failures;
    failures = 0;
    loaded = false;
    engine.pause();
    music.set({
      playing: false,
      loading: false,
      notice: givesUp && failed > 1 ? `${notice} ${sentences.gaveUp()}` : notice,
    });
    return;
  }
  music.set({ notice });
  next();
}

function tellServer(track: q.Track): void {
  lastReport = clockOf.get().position;
  void report(track, lastReport, clockOf.get().duration);
}

/** The queue of before a reload, at its place, silent until somebody presses Play. */
async function restore(): Promise<void> {
  const kept = keptQueue();
  setPresence(kept !== null);
  if (!kept) return;
  music.set({ queue: kept.queue });
  pending = kept.position;
  clockOf.set({ position: kept.position });
  const entry = q.current(kept.queue);
  if (!entry) return;
  await learn(entry).catch(() => {}); // asked again when it is to play
  if (!loaded) clockOf.set({ duration: q.current(music.get().queue)?.track?.duration ?? 0 });
}

void restore();

addEventListener("pagehide", () => {
  if (!music.get().queue.entries.length) return;
  keepQueue();
  const track = q.current(music.get().queue)?.track;
  if (track && loaded && isLong(track) && reports(clockOf.get().position, lastReport, true)) tellServer(track);
});
