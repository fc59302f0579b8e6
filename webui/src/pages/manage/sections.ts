// The sections of Manage in one list. A section belongs to a right; one that needs a feature which this server does not
// have is one line that says how to get it.

import { type ComponentType, type LazyExoticComponent, lazy } from "react";
import type { Me } from "@/api/client";
import { may, type Right } from "@/api/me";
import { texts } from "@/i18n";
import { manage as english } from "@/i18n/en/manage";
import * as Icon from "@/parts/icons";

const t = texts("manage", english);

export type Section = {
  /** Behind /manage/; "" for the first page. */
  path: string;
  title: string;
  icon: ComponentType<{ "aria-hidden"?: boolean }>;
  /** Any of these rights opens it. */
  rights: readonly Right[];
  page?: LazyExoticComponent<ComponentType>;
  /** What the server has to have. */
  feature?: string;
  /** How to get it. */
  missing?: string;
};

const first = (load: () => Promise<Record<string, ComponentType>>, name: string) =>
  lazy(async () => {
    const page = (await load())[name];
    if (!page) throw new Error(`no section ${name}`);
    return { default: page };
  });

export const SECTIONS: readonly Section[] = [
  {
    path: "",
    title: t.now,
    icon: Icon.Now,
    rights: ["people", "index"],
    page: first(() => import("./now"), "Now"),
  },
  {
    path: "channels",
    title: t.channels,
    icon: Icon.Channel,
    rights: ["people", "index"],
    page: first(() => import("./channels"), "ChannelsSection"),
  },
  {
    path: "mirrors",
    title: t.mirrors,
    icon: Icon.Copy,
    rights: ["people"],
    page: first(() => import("./mirrors"), "MirrorsSection"),
  },
  {
    path: "people",
    title: t.people,
    icon: Icon.People,
    rights: ["people"],
    feature: "people",
    missing: t.noPeople,
    page: first(() => import("./people"), "PeopleSection"),
  },
  {
    path: "links",
    title: t.links,
    icon: Icon.LinkIcon,
    rights: ["links"],
    feature: "links",
    missing: t.noLinks,
    page: first(() => import("./links"), "LinksSection"),
  },
  {
    path: "health",
    title: t.health,
    icon: Icon.Health,
    rights: ["people", "index"],
    page: first(() => import("./health"), "HealthSection"),
  },
  {
    path: "audit",
    title: t.audit,
    icon: Icon.Audit,
    rights: ["people"],
    page: first(() => import("./audit"), "AuditSection"),
  },
  { path: "leech", title: t.leech, icon: Icon.Download, rights: ["leech"], feature: "leech", missing: t.noLeech },
  { path: "voice", title: t.voice, icon: Icon.Music, rights: ["voice"], feature: "voice", missing: t.noVoice },
];

/** The sections that somebody may open here. */
export const openSections = (me: Me | undefined, all: readonly Section[] = SECTIONS): Section[] =>
  all.filter((one) => one.page && one.rights.some((right) => may(me, right, one.feature)));

/** What somebody has the right to, and this server does not have. */
export const missingSections = (me: Me | undefined, all: readonly Section[] = SECTIONS): Section[] =>
  all.filter((one) => one.missing && one.rights.some((right) => may(me, right) && !may(me, right, one.feature)));
