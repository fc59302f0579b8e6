import { useEffect } from "react";
import { texts } from "@/i18n";
import { shell as english } from "@/i18n/en/shell";
import { Button } from "@/parts/button";
import { Failure, Notice } from "@/parts/notice";
import { isPartMissing } from "./missing-part";

const t = texts("shell", english);

/** In place of a page that failed. A part of the page that cannot be loaded is gone after an update, or out of reach. */
export function Crash({ error, reset }: { error: unknown; reset: () => void }) {
  const missing = isPartMissing(error);
  useEffect(() => {
    if (!missing) return;
    const reload = () => location.reload();
    window.addEventListener("online", reload);
    return () => window.removeEventListener("online", reload);
  }, [missing]);
  if (!missing) return <Failure level="h1" error={error} again={reset} />;
  const [title, words] = navigator.onLine ? [t.newVersion, t.newVersionWhy] : [t.offlineTitle, t.offlineWhy];
  return (
    <Notice
      level="h1"
      title={title}
      actions={
        <Button look="strong" onClick={() => location.reload()}>
          {navigator.onLine ? t.reload : t.tryAgain}
        </Button>
      }
    >
      {words}
    </Notice>
  );
}
