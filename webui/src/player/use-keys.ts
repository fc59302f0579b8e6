import { useEffect, useRef } from "react";
import { type Command, commandOf } from "./keys";

const FIELD =
  "input:not([type=range]), textarea, select, [contenteditable=true], [role=dialog], [role=menu], [role=listbox]";
const CONTROL = "button, a, summary, input, [role=slider], [role=tab]";

/** YouTube's keys, wherever the focus is on the page, as long as nothing is typed there. */
export function useKeys(
  act: (command: Command) => void,
  { paused, pressed }: { paused: () => boolean; pressed: () => void },
): void {
  const acting = useRef(act);
  acting.current = act;
  const isPaused = useRef(paused);
  isPaused.current = paused;
  const any = useRef(pressed);
  any.current = pressed;
  useEffect(() => {
    let pointer = false;
    const used = () => {
      pointer = true;
    };
    const key = (event: KeyboardEvent) => {
      const at = event.target instanceof Element ? event.target : null;
      if (event.key === "Tab" || event.key === "Enter") pointer = false;
      any.current();
      if (event.defaultPrevented) return;
      const where = {
        field: at?.closest(FIELD) != null,
        control: at?.closest(CONTROL) != null,
        pointer,
        paused: isPaused.current(),
      };
      const command = commandOf(event, where);
      if (!command) return;
      event.preventDefault();
      acting.current(command);
    };
    document.addEventListener("keydown", key);
    document.addEventListener("pointerdown", used, true);
    return () => {
      document.removeEventListener("keydown", key);
      document.removeEventListener("pointerdown", used, true);
    };
  }, []);
}
