import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useId, useState } from "react";
import { texts } from "@/i18n";
import { shell as english } from "@/i18n/en/shell";
import { Button } from "./button";
import { useModal } from "./dialog";

const t = texts("shell", english);

/**
 * Asks before something is done that cannot be undone: says what happens, and does nothing by itself. The focus is on
 * "Cancel".
 */
export function Confirm({
  title,
  children,
  action,
  run,
  close,
}: {
  title: string;
  /** What happens. */
  children: ReactNode;
  /** The name of the button that does it. */
  action: string;
  run: () => Promise<unknown>;
  close: () => void;
}) {
  const dialog = useModal();
  const name = useId();
  const words = useId();
  const doing = useMutation({ mutationFn: run, onSuccess: close });
  return (
    <dialog
      ref={dialog}
      role="alertdialog"
      aria-labelledby={name}
      aria-describedby={words}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      className="m-auto w-[min(28rem,calc(100vw-2rem))] gap-4 rounded-lg bg-surface p-6 text-text shadow-(--shadow) transition-opacity duration-180 backdrop:bg-black/60 open:grid starting:opacity-0"
    >
      <h2 id={name} dir="auto" className="line-clamp-3 text-xl wrap-anywhere">
        {title}
      </h2>
      <div id={words} className="text-base text-muted wrap-anywhere">
        {children}
      </div>
      {doing.isError && (
        <p role="alert" className="text-danger">
          {doing.error.message}
        </p>
      )}
      <div className="mt-2 flex flex-wrap justify-end gap-3">
        <Button onClick={close}>{t.cancel}</Button>
        <Button look="strong" disabled={doing.isPending} onClick={() => doing.mutate()}>
          {action}
        </Button>
      </div>
    </dialog>
  );
}

/** A button that asks before it does something. */
export function ConfirmButton({
  label,
  name,
  look = "danger",
  icon,
  ...asked
}: {
  label: string;
  /** What is said of the button where its words alone do not tell which one it is. */
  name?: string;
  look?: "plain" | "danger";
  icon?: ReactNode;
  title: string;
  children: ReactNode;
  action: string;
  run: () => Promise<unknown>;
}) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button look={look} aria-label={name} onClick={() => setOpen(true)}>
        {icon}
        {label}
      </Button>
      {open && <Confirm {...asked} close={() => setOpen(false)} />}
    </>
  );
}
