import { type ReactNode, type SyntheticEvent, useEffect, useRef } from "react";

/**
 * A view over the whole page, by the browser's own modal dialog: the rest can be reached neither by keyboard nor by
 * screen readers, Escape closes it, and the focus returns to where it was.
 */
export function Screen({
  label,
  close,
  className = "",
  children,
}: {
  label: string;
  close: () => void;
  className?: string;
  children: ReactNode;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const shown = dialog.current;
    const before = document.activeElement;
    shown?.showModal();
    const root = document.documentElement;
    root.style.setProperty("overflow", "hidden");
    root.style.setProperty("scrollbar-gutter", "auto"); // nothing of the page is beside the view
    return () => {
      root.style.removeProperty("overflow");
      root.style.removeProperty("scrollbar-gutter");
      shown?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  const cancel = (event: SyntheticEvent<HTMLDialogElement>) => {
    if (event.target !== event.currentTarget) return;
    event.preventDefault();
    close();
  };
  return (
    <dialog
      ref={dialog}
      aria-label={label}
      onCancel={cancel}
      className={`m-0 h-dvh max-h-none w-screen max-w-none overflow-hidden border-0 p-0 text-text backdrop:bg-transparent ${className}`}
    >
      {children}
    </dialog>
  );
}
