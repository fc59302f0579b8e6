// Fullscreen, picture in picture, televisions, the lock of the screen: each where the browser has it.

type WebKitVideo = HTMLVideoElement & {
  webkitEnterFullscreen?: () => void;
  webkitShowPlaybackTargetPicker?: () => void;
};
type Turning = ScreenOrientation & { lock?: (orientation: "landscape") => Promise<void> };

export const isFull = (): boolean => document.fullscreenElement !== null;

/** Into fullscreen, on phones lying, or out of it. An iPhone has it for the film alone. */
export async function toggleFull(box: HTMLElement | null, media: HTMLMediaElement | null): Promise<void> {
  try {
    if (isFull()) return await document.exitFullscreen();
    if (box?.requestFullscreen) {
      await box.requestFullscreen({ navigationUI: "hide" });
      if (matchMedia("(pointer: coarse)").matches) await (screen.orientation as Turning).lock?.("landscape");
    } else (media as WebKitVideo | null)?.webkitEnterFullscreen?.();
  } catch {
    // refused: the page stays as it is
  }
}

export const canFull = (): boolean =>
  document.fullscreenEnabled || "webkitEnterFullscreen" in HTMLVideoElement.prototype;

export const canPip = (): boolean => document.pictureInPictureEnabled === true;

export async function togglePip(media: HTMLMediaElement | null): Promise<void> {
  if (!(media instanceof HTMLVideoElement)) return;
  try {
    if (document.pictureInPictureElement) await document.exitPictureInPicture();
    else await media.requestPictureInPicture();
  } catch {
    // not before there is a picture
  }
}

/** Tells whether a television can be asked to play, as far as the browser knows one. */
export function watchTelevisions(media: HTMLMediaElement, told: (there: boolean) => void): () => void {
  if ("webkitShowPlaybackTargetPicker" in media) {
    const changed = (event: Event) => told("availability" in event && event.availability === "available");
    media.addEventListener("webkitplaybacktargetavailabilitychanged", changed);
    return () => media.removeEventListener("webkitplaybacktargetavailabilitychanged", changed);
  }
  const { remote } = media;
  if (!remote?.watchAvailability) return () => {};
  let stop = () => {};
  remote.watchAvailability(told).then(
    (id) => {
      stop = () => void remote.cancelWatchAvailability(id).catch(() => {});
    },
    () => told(false),
  );
  return () => stop();
}

export function askTelevision(media: HTMLMediaElement | null): void {
  const apple = media as WebKitVideo | null;
  if (apple?.webkitShowPlaybackTargetPicker) apple.webkitShowPlaybackTargetPicker();
  else void media?.remote?.prompt().catch(() => {}); // closed without a choice
}
