import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ask, client, type FileItem } from "@/api/client";
import { allLinksQuery, endLink, type StoredLink } from "@/api/links-admin";
import { failureOf } from "@/api/problem";
import { texts } from "@/i18n";
import { manage as english } from "@/i18n/en/manage";
import { Button } from "@/parts/button";
import { ConfirmButton } from "@/parts/confirm";
import { CopyButton } from "@/parts/copy";
import { Dialog } from "@/parts/dialog";
import { Moment } from "@/parts/moment";
import { Failure } from "@/parts/notice";
import { Nothing, Panel, Rows } from "@/parts/panel";
import { QrCode } from "@/parts/qr-code";
import { Skeleton } from "@/parts/skeleton";
import { heading, legible } from "@/parts/words";
import { addressOf, chosen, hasEnded, type Shown } from "./link-words";
import { More } from "./more";
import { usePeopleNames } from "./names";
import { Pick } from "./pick";

const t = texts("manage", english);

/** All stored links, how often they were used, and their end. */
export function LinksSection() {
  const links = useInfiniteQuery(allLinksQuery);
  const [shown, show] = useState<Shown>("all");
  const failure = failureOf(links);
  if (failure) return <Failure error={failure} again={() => links.refetch()} />;
  const all = links.data?.pages.flatMap((page) => page.items) ?? [];
  const some = chosen(all, shown, Date.now() / 1000);
  return (
    <Panel title={t.linksMade} lead={t.linksLead}>
      {all.length > 0 && (
        <Pick
          label={t.filterLabel}
          value={shown}
          set={show}
          options={[
            ["all", t.filterAll],
            ["valid", t.filterValid],
            ["ended", t.filterEnded],
          ]}
        />
      )}
      {!links.data ? (
        <Skeleton className="h-40" />
      ) : some.length ? (
        <Rows label={t.links}>
          {some.map((link) => (
            <LinkRow key={link.id} link={link} />
          ))}
        </Rows>
      ) : (
        <Nothing>{all.length ? t.noLinksHere : t.noLinksYet}</Nothing>
      )}
      <More query={links} />
    </Panel>
  );
}

/** What a link opens, in words. */
function useTarget(link: StoredLink): string {
  const { chat_id: chat, message_id: message } = link;
  const file = useQuery({
    queryKey: ["item", chat, message],
    enabled: !!chat && !!message,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
    queryFn: ({ signal }) =>
      ask<FileItem>(
        client().GET("/api/catalog/{chat_id}/{message_id}", {
          params: { path: { chat_id: chat ?? 0, message_id: message ?? 0 } },
          signal,
        }),
      ),
  }).data;
  if (file) return heading(file);
  if (link.query) return t.aSearch(legible(link.query));
  return link.collection !== null && link.collection !== undefined ? t.aCollection(link.collection) : t.aFile;
}

function LinkRow({ link }: { link: StoredLink }) {
  const name = useTarget(link);
  const nameOf = usePeopleNames();
  const ended = hasEnded(link, Date.now() / 1000);
  const scopes = { watch: t.scopeWatch, download: t.scopeDownload, both: t.scopeBoth };
  const viewers = link.viewers ? t.viewersUsed(link.viewers_used, link.viewers) : "";
  return (
    <li className="grid gap-x-6 gap-y-2 lg:grid-cols-[1fr_auto]">
      <div className="min-w-0">
        <p dir="auto" className={`line-clamp-2 font-medium wrap-anywhere ${ended ? "text-muted line-through" : ""}`}>
          {name}
        </p>
        <p className="text-sm text-muted">
          {[scopes[link.scope], link.uses ? t.uses(link.uses) : t.neverUsed, viewers].filter(Boolean).join(" · ")}
          {link.last_used_at && (
            <>
              {" "}
              ({t.lastUsed} <Moment unix={link.last_used_at} />)
            </>
          )}
        </p>
        <p className="text-sm text-muted">
          {t.made} <Moment unix={link.created_at} /> {link.person ? <bdi>{t.madeBy(nameOf(link.person))}</bdi> : null} ·{" "}
          {link.expires_at ? (
            <>
              {ended ? t.expired : t.expires} <Moment unix={link.expires_at} className={ended ? "text-warn" : ""} />
            </>
          ) : (
            t.never
          )}
        </p>
      </div>
      <LinkActions link={link} name={name} ended={ended} />
    </li>
  );
}

function LinkActions({ link, name, ended }: { link: StoredLink; name: string; ended: boolean }) {
  const [qr, showQr] = useState(false);
  const address = addressOf(link);
  return (
    <div className="flex flex-wrap content-start gap-2">
      {!ended && <CopyButton text={address} label={t.copyLinkOf(name)} words={t.copyLink} />}
      {!ended && (
        <Button aria-label={t.qrOf(name)} onClick={() => showQr(true)}>
          {t.showQr}
        </Button>
      )}
      <ConfirmButton
        label={t.revoke}
        name={t.revokeOf(name)}
        title={t.revokeTitle}
        action={t.revoke}
        run={() => endLink(link.id)}
      >
        <bdi className="font-medium text-text">{name}</bdi>
        <br />
        {t.revokeWhy}
      </ConfirmButton>
      {qr && (
        <Dialog title={name} close={() => showQr(false)}>
          <div className="grid justify-items-center gap-4">
            <QrCode text={address} label={t.qrOf(name)} className="w-72 max-w-full" />
            <p className="text-muted">{t.qrLead}</p>
          </div>
        </Dialog>
      )}
    </div>
  );
}
