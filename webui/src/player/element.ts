// How fast and how loud an element plays. All may be null: before there is one nothing happens.

export function setRate(media: HTMLMediaElement | null, rate: number): void {
  if (media) Object.assign(media, { defaultPlaybackRate: rate, playbackRate: rate });
}

export function setVolume(media: HTMLMediaElement | null, volume: number): void {
  if (media) Object.assign(media, { volume: Math.min(1, Math.max(0, volume)), muted: volume <= 0 });
}

export function setMuted(media: HTMLMediaElement | null, muted: boolean): void {
  if (media) media.muted = muted;
}
