// Changes of the queue that leave alone what sounds.

import { changeQueue } from "./kept-queue";
import * as q from "./queue";
import { trackAt } from "./server";
import { music } from "./state";

export function enqueue(tracks: readonly q.Track[], behindCurrent = false): void {
  changeQueue(q.added(music.get().queue, tracks, behindCurrent));
}

export const toggleShuffle = () => changeQueue(q.shuffle(music.get().queue, Math.random));
export const move = (from: number, to: number) => changeQueue(q.moved(music.get().queue, from, to));

export function cycleRepeat(): void {
  const { queue } = music.get();
  changeQueue({ ...queue, repeat: q.nextRepeat(queue.repeat) });
}

export const dismiss = () => music.set({ notice: "" });

/** Asks the server for an entry of which only the number is known. */
export async function learn(entry: q.Entry): Promise<void> {
  if (entry.track) return;
  const track = await trackAt(entry.chat, entry.message);
  music.set({ queue: q.told(music.get().queue, entry.id, track) });
}
