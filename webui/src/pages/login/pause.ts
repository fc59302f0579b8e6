/** Waits; ends early when the network or the person comes back, as after a look into the Telegram app. */
export function pause(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      window.removeEventListener("online", end);
      document.removeEventListener("visibilitychange", end);
      done();
    };
    const timer = setTimeout(end, seconds * 1000);
    signal.addEventListener("abort", end);
    window.addEventListener("online", end);
    if (seconds) document.addEventListener("visibilitychange", end);
  });
}
