import { Link, Outlet } from "@tanstack/react-router";
import { type ComponentType, lazy, Suspense } from "react";
import { opensLists } from "@/api/address";
import { may, useMe } from "@/api/me";
import { texts } from "@/i18n";
import { shell as english } from "@/i18n/en/shell";
import { useQueuePresence } from "@/music/presence";
import * as Icon from "@/parts/icons";
import { ItemMenus } from "@/parts/item-menu";
import { useIdle } from "@/parts/use-idle";
import { Account } from "./account";
import { useGate } from "./gate";
import { OfflineBar } from "./offline";
import { SearchBox } from "./search-box";

const t = texts("shell", english);
const DropPlaces = lazy(() => import("./drop-places").then((found) => ({ default: found.DropPlaces })));
const Toaster = lazy(() => import("@/parts/toast").then((found) => ({ default: found.Toaster })));
const MusicBar = lazy(() => import("@/music/bar").then((found) => ({ default: found.MusicBar })));

type Place = { to: string; name: string; icon: ComponentType<{ "aria-hidden"?: boolean }> };

// Functions, as the texts of the language are there once this module has run.
const library = (): readonly Place[] => [
  { to: "/", name: t.home, icon: Icon.Home },
  { to: "/films", name: t.films, icon: Icon.Film },
  { to: "/series", name: t.series, icon: Icon.Series },
  { to: "/music", name: t.music, icon: Icon.Music },
  { to: "/photos", name: t.photos, icon: Icon.Photo },
  { to: "/documents", name: t.documents, icon: Icon.Document },
  { to: "/channels", name: t.channels, icon: Icon.Channel },
  { to: "/collections", name: t.collections, icon: Icon.Collect },
];
const phone = (): readonly Place[] => [
  { to: "/", name: t.home, icon: Icon.Home },
  { to: "/search", name: t.search, icon: Icon.Search },
  { to: "/library", name: t.library, icon: Icon.Library },
  { to: "/settings", name: t.you, icon: Icon.User },
];

/** What is around every page: the rail or bottom bar, the search, the account, and where the page goes. */
export function Shell() {
  const me = useMe();
  const music = useQueuePresence();
  const gate = useGate();
  const idle = useIdle();
  if (gate) return gate;
  const lists = opensLists(); // a link to one file leads nowhere else
  const manages = may(me, "people") || may(me, "index");
  return (
    <>
      <a
        href="#main"
        className="fixed start-2 top-2 z-50 -translate-y-20 rounded-md bg-accent px-4 py-3 text-accent-ink focus:translate-y-0"
      >
        {t.skip}
      </a>
      {lists && (
        <Rail
          places={[
            ...library(),
            ...(may(me, "leech", "leech") ? [{ to: "/leech", name: t.leech, icon: Icon.Download }] : []),
            ...(may(me, "voice", "voice") ? [{ to: "/calls", name: t.calls, icon: Icon.Voice }] : []),
            ...(manages ? [{ to: "/manage", name: t.manage, icon: Icon.Manage }] : []),
          ]}
        />
      )}
      <div className={`${lists ? "ps-(--rail)" : ""} pb-[calc(var(--bar)+var(--queue,0px))]`}>
        <header className="edge relative z-10 flex h-16 items-center gap-4">
          {lists ? (
            <>
              <Link
                to="/"
                className="-mx-1.5 grid size-11 shrink-0 place-items-center md:hidden"
                aria-label="StreamVault"
              >
                <img src="/icon.svg" alt="" width={32} height={32} className="rounded-md" />
              </Link>
              <SearchBox />
            </>
          ) : (
            <img src="/icon.svg" alt="StreamVault" width={32} height={32} className="rounded-md" />
          )}
          <Account />
        </header>
        {idle && <OfflineBar />}
        <main id="main" tabIndex={-1} className="min-h-[calc(100dvh-4rem)]">
          <Outlet />
        </main>
      </div>
      <Suspense>{music && <MusicBar />}</Suspense>
      {lists && <BottomBar />}
      <ItemMenus />
      <Suspense>
        {idle && <DropPlaces />}
        {idle && <Toaster />}
      </Suspense>
    </>
  );
}

function Rail({ places }: { places: readonly Place[] }) {
  return (
    <nav
      aria-label={t.navigation}
      className="fixed inset-y-0 start-0 z-30 hidden w-(--rail) flex-col items-center overflow-y-auto py-3 md:flex"
    >
      <Link to="/" aria-label="StreamVault" className="mb-3 grid size-11 place-items-center rounded-md">
        <img src="/icon.svg" alt="" width={34} height={34} className="rounded-md" />
      </Link>
      {places.map(({ to, name, icon: Sign }) => (
        <Link
          key={to}
          to={to}
          activeOptions={{ exact: to === "/", includeSearch: false }}
          className="grid w-full justify-items-center gap-1 px-1 py-2 text-xs text-muted hover:text-text data-[status=active]:text-accent [&_svg]:size-5"
        >
          <Sign aria-hidden />
          <span className="max-w-full truncate">{name}</span>
        </Link>
      ))}
    </nav>
  );
}

function BottomBar() {
  return (
    <nav
      aria-label={t.navigation}
      className="fixed inset-x-0 bottom-0 z-30 flex h-(--bar) overflow-hidden bg-surface pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      {phone().map(({ to, name, icon: Sign }) => (
        <Link
          key={to}
          to={to}
          activeOptions={{ exact: to === "/", includeSearch: false }}
          className="grid flex-1 place-content-center justify-items-center gap-0.5 text-xs text-muted data-[status=active]:text-accent [&_svg]:size-5"
        >
          <Sign aria-hidden />
          {name}
        </Link>
      ))}
    </nav>
  );
}
