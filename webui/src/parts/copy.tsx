import { useEffect, useState } from "react";
import { texts } from "@/i18n";
import { shell as english } from "@/i18n/en/shell";
import { buttonLook } from "./button";
import * as Icon from "./icons";

const t = texts("shell", english);

/** Puts text on the clipboard, also on pages without https, which browsers give no clipboard; false where it fails. */
export async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    field.readOnly = true;
    field.className = "sr-only";
    document.body.append(field);
    const before = document.activeElement;
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    if (before instanceof HTMLElement) before.focus();
    return done;
  }
}

/** A button that copies `text` and says so for two seconds. `label` names what is copied. */
export function CopyButton({
  text,
  label,
  words = t.copy,
  className = "",
}: {
  text: string;
  label: string;
  words?: string;
  className?: string;
}) {
  const [said, say] = useState<"" | "done" | "failed">("");
  useEffect(() => {
    if (!said) return;
    const timer = setTimeout(() => say(""), 2000);
    return () => clearTimeout(timer);
  }, [said]);
  const shown = { "": words, done: t.copied, failed: t.copyFailed }[said];
  return (
    <>
      <button
        type="button"
        aria-label={said ? undefined : label}
        onClick={async () => say((await copied(text)) ? "done" : "failed")}
        className={buttonLook("plain", className)}
      >
        {said === "done" ? <Icon.Check aria-hidden /> : <Icon.Copy aria-hidden />}
        {shown}
      </button>
      <span role="status" className="sr-only">
        {said && shown}
      </span>
    </>
  );
}
