import { Link } from "@tanstack/react-router";
import { useMe } from "@/api/me";
import { texts } from "@/i18n";
import { shell as english } from "@/i18n/en/shell";
import { buttonLook } from "@/parts/button";
import * as Icon from "@/parts/icons";
import { legible } from "@/parts/words";

const t = texts("shell", english);

/** Who is logged in, or the way to log in. */
export function Account() {
  const me = useMe();
  if (!me) return null;
  if (me.person) {
    return (
      <Link to="/settings" className={buttonLook("ghost", "ms-auto max-md:hidden")}>
        <Icon.User aria-hidden />
        <span dir="auto" className="max-w-40 truncate">
          {legible(me.person.name)}
        </span>
      </Link>
    );
  }
  return (
    <div className="ms-auto flex items-center gap-1">
      <Link
        to="/settings"
        aria-label={t.settings}
        title={t.settings}
        className={buttonLook("ghost", "px-3 max-md:hidden")}
      >
        <Icon.Settings aria-hidden />
      </Link>
      {me.server.features.includes("login") && (
        <Link to="/login" className={buttonLook()}>
          <Icon.LogIn aria-hidden />
          {t.logIn}
        </Link>
      )}
    </div>
  );
}
