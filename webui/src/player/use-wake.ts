import { useEffect } from "react";

/** Keeps the screen on while a film plays. */
export function useWake(plays: boolean): void {
  useEffect(() => {
    if (!plays || !("wakeLock" in navigator)) return;
    let lock: WakeLockSentinel | null = null;
    let over = false;
    const hold = async () => {
      if (document.visibilityState !== "visible") return;
      const held = await navigator.wakeLock.request("screen").catch(() => null); // refused when the battery is low
      if (over) void held?.release();
      else lock = held;
    };
    void hold();
    document.addEventListener("visibilitychange", hold);
    return () => {
      over = true;
      document.removeEventListener("visibilitychange", hold);
      void lock?.release();
    };
  }, [plays]);
}
