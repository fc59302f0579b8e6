import { Link } from "@tanstack/react-router";
import { useMe } from "@/api/me";
import { texts } from "@/i18n";
import { shell as english } from "@/i18n/en/shell";
import { buttonLook } from "@/parts/button";
import * as Icon from "@/parts/icons";

const t = texts("shell", english);

/** Who is logged in, or the way to log in. */
export function Account() {
  const me = useMe();
  if (!me) return null;
  if (me.person) {
    return (
      <Link to="/settings" className={buttonLook("ghost", "max-md:hidden")}>
        <Icon.User aria-hidden />
        <span dir="auto" className="max-w-40 truncate">
          {me.person.name}
        </span>
      </Link>
    );
  }
  if (!me.server.features.includes("login")) return null;
  return (
    <Link to="/login" className={buttonLook()}>
      <Icon.LogIn aria-hidden />
      {t.logIn}
    </Link>
  );
}
