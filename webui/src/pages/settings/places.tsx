import { Link } from "@tanstack/react-router";
import type { Me } from "@/api/client";
import { may } from "@/api/me";
import { texts } from "@/i18n";
import { settings as english } from "@/i18n/en/settings";
import { buttonLook } from "@/parts/button";
import * as Icon from "@/parts/icons";

const t = texts("settings", english);

/** The ways to what is somebody's own; on phones the only ones. */
export function Places({ me }: { me: Me }) {
  const links = may(me, "links", "links");
  const manages = may(me, "people") || may(me, "index");
  const places = [
    { to: "/favourites", name: t.favourites, icon: Icon.Favourite, shown: may(me, "read") },
    { to: "/history", name: t.history, icon: Icon.History, shown: may(me, "read") },
    { to: "/collections", name: t.collections, icon: Icon.Collect, shown: may(me, "read") },
    { to: "/hidden", name: t.hidden, icon: Icon.Hide, shown: may(me, "read") },
    { to: "/manage/links", name: t.links, icon: Icon.LinkIcon, shown: links },
    { to: "/manage", name: t.manage, icon: Icon.Manage, shown: manages },
  ];
  return (
    <nav aria-label={t.places}>
      <ul className="grid grid-cols-[repeat(auto-fill,minmax(9.5rem,1fr))] gap-3">
        {places
          .filter(({ shown }) => shown)
          .map(({ to, name, icon: Sign }) => (
            <li key={to}>
              <Link to={to} className={buttonLook("plain", "min-h-14 w-full justify-start rounded-lg bg-surface")}>
                <Sign aria-hidden />
                {name}
              </Link>
            </li>
          ))}
      </ul>
    </nav>
  );
}
