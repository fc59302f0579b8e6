import { type ReactNode, useEffect, useId, useRef } from "react";
import { texts } from "@/i18n";
import { shell as english } from "@/i18n/en/shell";
import { IconButton } from "./button";
import * as Icon from "./icons";

const t = texts("shell", english);

/**
 * A dialog with a heading, by the browser's own element: nothing else can be reached while it is open. On phones it
 * comes from the bottom. Closes by Escape, its button and a press beside it; the focus goes back to `back`, else to what
 * had it before.
 */
export function Dialog({
  title,
  close,
  back,
  children,
  wide = false,
}: {
  title: string;
  /** Asks for it to be closed. */
  close: () => void;
  back?: () => HTMLElement | null;
  children: ReactNode;
  wide?: boolean;
}) {
  const dialog = useModal(back);
  const name = useId();
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the press is beside the dialog; Escape does the same
    <dialog
      ref={dialog}
      aria-labelledby={name}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onClick={(event) => event.target === event.currentTarget && close()}
      className={`m-auto max-h-[88dvh] w-full max-w-none flex-col overflow-hidden rounded-t-lg bg-surface p-0 text-text shadow-(--shadow) transition-opacity duration-180 backdrop:bg-black/60 open:flex max-md:mb-0 md:rounded-lg starting:opacity-0 ${wide ? "md:max-w-2xl" : "md:max-w-md"}`}
    >
      <header className="flex items-center gap-2 ps-5 pe-2 pt-2">
        <h2 id={name} dir="auto" className="me-auto line-clamp-2 min-w-0 py-2 text-lg">
          {title}
        </h2>
        <IconButton label={t.close} onClick={close}>
          <Icon.Close aria-hidden />
        </IconButton>
      </header>
      <div className="min-h-0 overflow-y-auto overscroll-contain p-5 pt-2 pb-[max(1.25rem,env(safe-area-inset-bottom))]">
        {children}
      </div>
    </dialog>
  );
}

/** Opens a dialog element as it is shown, and gives the focus back when it goes. */
export function useModal(back?: () => HTMLElement | null) {
  const dialog = useRef<HTMLDialogElement>(null);
  const to = useRef(back);
  to.current = back;
  useEffect(() => {
    const shown = dialog.current;
    const before = document.activeElement;
    if (!shown?.open) shown?.showModal();
    return () => {
      shown?.close();
      const next = to.current ? to.current() : before;
      if (next instanceof HTMLElement) next.focus({ preventScroll: true });
    };
  }, []);
  return dialog;
}
