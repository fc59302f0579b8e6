import { useEffect, useState } from "react";
import { texts } from "@/i18n";
import { shell as english } from "@/i18n/en/shell";
import { buttonLook, IconButton } from "./button";
import * as Icon from "./icons";
import { dismiss, type Toast, useToasts } from "./toasts";

const t = texts("shell", english);
const SECONDS = 5;
const SECONDS_WITH_ACTION = 10;

/** Where notices appear: above the bars, read out as they come. They stay while the pointer or the focus is on them. */
export function Toaster() {
  const toasts = useToasts();
  return (
    <section
      aria-label={t.notices}
      aria-live="polite"
      className="pointer-events-none fixed inset-x-0 bottom-[calc(var(--bar)+var(--queue,0px)+1rem)] z-50 grid justify-items-center gap-2 px-4"
    >
      {toasts.map((one) => (
        <Shown key={one.id} toast={one} />
      ))}
    </section>
  );
}

function Shown({ toast }: { toast: Toast }) {
  const [held, hold] = useState(false);
  useEffect(() => {
    if (held) return;
    const timer = setTimeout(() => dismiss(toast.id), 1000 * (toast.action ? SECONDS_WITH_ACTION : SECONDS));
    return () => clearTimeout(timer);
  }, [held, toast]);
  const act = () => {
    toast.action?.run();
    dismiss(toast.id);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: only its timer stops while it is looked at
    <div
      onPointerEnter={() => hold(true)}
      onPointerLeave={() => hold(false)}
      onFocus={() => hold(true)}
      onBlur={() => hold(false)}
      onKeyDown={(event) => event.key === "Escape" && dismiss(toast.id)}
      className="pointer-events-auto flex max-w-full items-center gap-2 rounded-lg bg-hover py-1 ps-4 pe-1 text-text shadow-(--shadow) transition-opacity duration-180 starting:opacity-0"
    >
      <span
        dir="auto"
        className={`line-clamp-3 min-w-0 py-2 wrap-anywhere ${toast.tone === "danger" ? "text-danger" : ""}`}
      >
        {toast.text}
      </span>
      {toast.action && (
        <button type="button" onClick={act} className={buttonLook("ghost", "shrink-0 text-accent!")}>
          {toast.action.name}
        </button>
      )}
      <IconButton label={t.close} onClick={() => dismiss(toast.id)} className="shrink-0">
        <Icon.Close aria-hidden />
      </IconButton>
    </div>
  );
}
