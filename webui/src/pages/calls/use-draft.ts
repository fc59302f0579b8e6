import { useEffect, useRef, useState } from "react";
import { tell } from "@/parts/item-actions";

const REST = 400; // milliseconds

/** A value that is changed in many steps and sent once it rests, or when it is left; shown as changed until then. */
export function useDraft(value: number, send: (value: number) => Promise<void>) {
  const [draft, show] = useState<number | null>(null);
  const waiting = useRef<{ timer: ReturnType<typeof setTimeout>; run: () => void } | null>(null);
  useEffect(() => () => waiting.current?.run(), []);

  function change(next: number) {
    show(next);
    if (waiting.current) clearTimeout(waiting.current.timer);
    const run = () => {
      clearTimeout(own.timer);
      waiting.current = null;
      void send(next)
        .catch(tell)
        .finally(() => waiting.current === null && show(null));
    };
    const own = { timer: setTimeout(run, REST), run };
    waiting.current = own;
  }
  return [draft ?? value, change] as const;
}
