import { type FormEvent, useState } from "react";
import { addressOf, type Link, makeLink, revokeLink, type Scope, type Target } from "@/api/links";
import { texts } from "@/i18n";
import { item as english } from "@/i18n/en/item";
import { Button } from "../button";
import { CopyButton } from "../copy";
import { Dialog } from "../dialog";
import { SelectField } from "../field";
import * as Icon from "../icons";
import { tell } from "../item-actions";
import { QrCode } from "../qr-code";
import { toast } from "../toasts";
import { day } from "../words";
import { ask, backTo } from "./store";

const t = texts("item", english);
const HOUR = 3600;
const ENDS = { hour: HOUR, day: 24 * HOUR, week: 7 * 24 * HOUR, month: 30 * 24 * HOUR, never: null };
type Ends = keyof typeof ENDS;
const VIEWERS = [1, 2, 3, 5, 10, 25];

/** Makes a link that can be revoked, and hands it out. */
export function LinkDialog({ target, name }: { target: Target; name: string }) {
  const [link, got] = useState<Link | null>(null);
  return (
    <Dialog title={t.linkTitle(name)} close={() => ask(null)} back={backTo}>
      {link ? <Ready link={link} again={() => got(null)} /> : <Terms target={target} made={got} />}
    </Dialog>
  );
}

function Terms({ target, made }: { target: Target; made: (link: Link) => void }) {
  const [scope, allow] = useState<Scope>("both");
  const [ends, end] = useState<Ends>("week");
  const [viewers, bound] = useState("");
  const [state, be] = useState<"" | "making" | { failed: string }>("");
  const make = (event: FormEvent) => {
    event.preventDefault();
    be("making");
    makeLink(target, { scope, expires_in: ENDS[ends], viewers: viewers ? Number(viewers) : null }).then(
      made,
      (error: unknown) => be({ failed: error instanceof Error ? error.message : "" }),
    );
  };
  const scopes = [
    { value: "both", name: t.both },
    { value: "watch", name: t.watch },
    { value: "download", name: t.downloadOnly },
  ] as const;
  const lasts = [
    { value: "hour", name: t.hour },
    { value: "day", name: t.dayLong },
    { value: "week", name: t.week },
    { value: "month", name: t.month },
    { value: "never", name: t.never },
  ] as const;
  const numbers = [{ value: "", name: t.anyNumber }, ...VIEWERS.map((n) => ({ value: String(n), name: t.people(n) }))];
  return (
    <form onSubmit={make} className="grid gap-4">
      <p className="text-muted">{"chat_id" in target ? t.linkIntro : t.linkIntroList}</p>
      <SelectField label={t.scope} value={scope} options={scopes} change={allow} />
      <div className="grid grid-cols-2 gap-3">
        <SelectField label={t.ends} value={ends} options={lasts} change={end} />
        <SelectField label={t.viewers} value={viewers} options={numbers} change={bound} />
      </div>
      <p role="alert" className="text-danger empty:hidden">
        {typeof state === "object" ? t.failed(state.failed) : ""}
      </p>
      <Button look="strong" type="submit" disabled={state === "making"}>
        <Icon.LinkIcon aria-hidden />
        {state === "making" ? t.making : t.makeIt}
      </Button>
    </form>
  );
}

function Ready({ link, again }: { link: Link; again: () => void }) {
  const address = addressOf(link);
  const revoke = () =>
    void revokeLink(link.id).then(() => {
      toast(t.revoked);
      ask(null);
    }, tell);
  return (
    <div className="grid gap-4">
      <p role="status" className="flex items-center gap-2 text-ok [&_svg]:size-5 [&_svg]:shrink-0">
        <Icon.Done aria-hidden />
        {t.linkReady} {link.expires_at ? t.until(day(link.expires_at)) : t.noEnd}
      </p>
      <HandOut label={t.address} text={address} strong />
      {link.url !== address && <HandOut label={t.forPlayers} text={link.url} />}
      <QrCode text={address} label={t.qrOf} className="mx-auto w-full max-w-56" />
      <div className="flex flex-wrap justify-between gap-2">
        <Button look="danger" onClick={revoke}>
          {t.revoke}
        </Button>
        <Button onClick={again}>{t.another}</Button>
      </div>
    </div>
  );
}

function HandOut({ label, text, strong = false }: { label: string; text: string; strong?: boolean }) {
  const shares = strong && typeof navigator.share === "function";
  return (
    <div className="flex min-w-0 items-end gap-2">
      <label className="grid min-w-0 flex-1 gap-1">
        <span className="text-sm text-muted">{label}</span>
        <input
          readOnly
          dir="ltr"
          value={text}
          onFocus={({ target }) => target.select()}
          className="min-h-11 w-full min-w-0 rounded-md bg-raised px-3 text-text"
        />
      </label>
      {shares && (
        <Button onClick={() => void navigator.share({ url: text }).catch(() => {})} aria-label={t.share}>
          <Icon.Share aria-hidden />
        </Button>
      )}
      <CopyButton text={text} label={`${t.copy}: ${label}`} />
    </div>
  );
}
