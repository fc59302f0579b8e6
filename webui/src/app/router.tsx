import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  parseSearchWith,
  retainSearchParams,
  stringifySearchWith,
} from "@tanstack/react-router";
import { musicSearch } from "@/pages/music/address";
import { NotFound } from "@/pages/not-found";
import { Crash } from "./crash";
import { listSearch, rootSearch, watchSearch, workSearch } from "./search";
import { Shell } from "./shell";

const root = createRootRoute({
  validateSearch: rootSearch,
  search: { middlewares: [retainSearchParams(["token"])] },
  component: Shell,
  notFoundComponent: NotFound,
  errorComponent: Crash,
});

const page = { getParentRoute: () => root };
const list = { ...page, validateSearch: listSearch };

const routes = [
  createRoute({ ...page, path: "/", component: lazyRouteComponent(() => import("@/pages/home"), "Home") }),
  createRoute({ ...list, path: "/films", component: lazyRouteComponent(() => import("@/pages/films"), "Films") }),
  createRoute({ ...list, path: "/series", component: lazyRouteComponent(() => import("@/pages/series"), "Series") }),
  createRoute({
    ...page,
    validateSearch: musicSearch,
    path: "/music",
    component: lazyRouteComponent(() => import("@/pages/music"), "Music"),
  }),
  createRoute({ ...list, path: "/photos", component: lazyRouteComponent(() => import("@/pages/photos"), "Photos") }),
  createRoute({
    ...list,
    path: "/documents",
    component: lazyRouteComponent(() => import("@/pages/documents"), "Documents"),
  }),
  createRoute({ ...list, path: "/files", component: lazyRouteComponent(() => import("@/pages/files"), "Files") }),
  createRoute({
    ...list,
    path: "/search",
    component: lazyRouteComponent(() => import("@/pages/search"), "SearchPage"),
  }),
  createRoute({
    ...page,
    path: "/channels",
    component: lazyRouteComponent(() => import("@/pages/channels"), "Channels"),
  }),
  createRoute({
    ...list,
    path: "/channels/$chat",
    component: lazyRouteComponent(() => import("@/pages/channel"), "Channel"),
  }),
  createRoute({
    ...page,
    path: "/collections",
    component: lazyRouteComponent(() => import("@/pages/collections"), "Collections"),
  }),
  createRoute({
    ...page,
    path: "/collections/$id",
    component: lazyRouteComponent(() => import("@/pages/collection"), "Collection"),
  }),
  createRoute({
    ...page,
    path: "/favourites",
    component: lazyRouteComponent(() => import("@/pages/favourites"), "Favourites"),
  }),
  createRoute({
    ...page,
    validateSearch: ({ finished }): { finished?: true } => (finished ? { finished: true } : {}),
    path: "/history",
    component: lazyRouteComponent(() => import("@/pages/history"), "History"),
  }),
  createRoute({ ...page, path: "/hidden", component: lazyRouteComponent(() => import("@/pages/hidden"), "Hidden") }),
  createRoute({ ...page, path: "/library", component: lazyRouteComponent(() => import("@/pages/library"), "Library") }),
  createRoute({
    ...page,
    path: "/work/$key",
    validateSearch: workSearch,
    component: lazyRouteComponent(() => import("@/pages/work"), "Work"),
  }),
  createRoute({
    ...page,
    validateSearch: watchSearch,
    path: "/watch/$chat/$message",
    component: lazyRouteComponent(() => import("@/pages/watch"), "Watch"),
  }),
  createRoute({ ...page, path: "/manage", component: lazyRouteComponent(() => import("@/pages/manage"), "Manage") }),
  createRoute({
    ...page,
    path: "/manage/$section",
    component: lazyRouteComponent(() => import("@/pages/manage"), "Manage"),
  }),
  createRoute({
    ...page,
    validateSearch: ({ shown }): { shown?: string } => (shown ? { shown: String(shown) } : {}),
    path: "/leech",
    component: lazyRouteComponent(() => import("@/pages/leech"), "Leech"),
  }),
  createRoute({ ...page, path: "/calls", component: lazyRouteComponent(() => import("@/pages/calls"), "Calls") }),
  createRoute({
    ...page,
    path: "/settings",
    component: lazyRouteComponent(() => import("@/pages/settings"), "Settings"),
  }),
  createRoute({ ...page, path: "/login", component: lazyRouteComponent(() => import("@/pages/login"), "Login") }),
] as const;

export const router = createRouter({
  routeTree: root.addChildren(routes),
  defaultErrorComponent: Crash,
  defaultPreload: "intent",
  defaultPreloadStaleTime: 0,
  scrollRestoration: true,
  // plain values in the address, as people write them: ?q=night tide, not ?q="night tide"
  parseSearch: parseSearchWith((value) => value),
  stringifySearch: stringifySearchWith(String),
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
