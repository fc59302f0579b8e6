import { Link } from "@tanstack/react-router";
import { texts } from "@/i18n";
import { shell as english } from "@/i18n/en/shell";
import { buttonLook } from "@/parts/button";
import { Notice } from "@/parts/notice";

const t = texts("shell", english);

export function NotFound() {
  return (
    <Notice
      level="h1"
      title={t.nothingHere}
      actions={
        <Link to="/" className={buttonLook("strong")}>
          {t.toHome}
        </Link>
      }
    >
      {t.notFound}
    </Notice>
  );
}
