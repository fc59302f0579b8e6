import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Me } from "@/api/client";
import { failureOf } from "@/api/problem";
import { revokeToken, type Token, tokensQuery } from "@/api/tokens";
import { texts } from "@/i18n";
import { settings as english } from "@/i18n/en/settings";
import { More } from "@/pages/manage/more";
import { usePeopleNames } from "@/pages/manage/names";
import { rightsInWords } from "@/pages/manage/rights";
import { Button } from "@/parts/button";
import { ConfirmButton } from "@/parts/confirm";
import * as Icon from "@/parts/icons";
import { Moment } from "@/parts/moment";
import { Failure } from "@/parts/notice";
import { Nothing, Panel, Rows } from "@/parts/panel";
import { Skeleton } from "@/parts/skeleton";
import { legible } from "@/parts/words";
import { NewTokenDialog } from "./new-token";

const t = texts("settings", english);

/** API tokens: for programs, in place of a log-in. */
export function TokensPanel({ me }: { me: Me }) {
  const tokens = useInfiniteQuery(tokensQuery);
  const [making, make] = useState(false);
  const failure = failureOf(tokens);
  if (failure) return <Failure error={failure} again={() => tokens.refetch()} />;
  const all = tokens.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Panel
      title={t.tokens}
      lead={me.role === "owner" ? `${t.tokensLead} ${t.tokensOwner}` : t.tokensLead}
      action={
        <Button onClick={() => make(true)}>
          <Icon.Plus aria-hidden />
          {t.makeToken}
        </Button>
      }
    >
      {!tokens.data && <Skeleton className="h-24" />}
      {tokens.data && !all.length && <Nothing>{t.noTokens}</Nothing>}
      {all.length > 0 && (
        <Rows label={t.tokens}>
          {all.map((token) => (
            <TokenRow key={token.id} token={token} me={me} />
          ))}
        </Rows>
      )}
      <More query={tokens} />
      {making && <NewTokenDialog me={me} close={() => make(false)} />}
    </Panel>
  );
}

function TokenRow({ token, me }: { token: Token; me: Me }) {
  const nameOf = usePeopleNames();
  const name = legible(token.name);
  const ended = !!token.expires_at && token.expires_at * 1000 <= Date.now();
  const whose = token.person ? t.by(nameOf(token.person)) : t.atTerminal;
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2">
      <Icon.Key aria-hidden className="size-6 shrink-0 text-muted" />
      <div className="min-w-0 flex-1 basis-56">
        <p dir="auto" className={`line-clamp-2 font-medium wrap-anywhere ${ended ? "text-muted line-through" : ""}`}>
          {name}
        </p>
        <p className="text-sm text-muted">
          {token.person !== me.person?.id && <bdi>{whose} · </bdi>}
          {t.may(rightsInWords(token.can))}
        </p>
        <p className="text-sm text-muted">
          {t.tokenUses(token.uses)}
          {token.last_used_at && (
            <>
              {" "}
              · {t.lastUsed} <Moment unix={token.last_used_at} />
            </>
          )}
          {token.expires_at && (
            <>
              {" "}
              · {ended ? t.ended : t.endsOn} <Moment unix={token.expires_at} />
            </>
          )}
        </p>
      </div>
      <ConfirmButton
        label={t.revoke}
        name={t.revokeOf(name)}
        title={t.revokeTitle(name)}
        action={t.revoke}
        run={() => revokeToken(token.id)}
      >
        {t.revokeWhy}
      </ConfirmButton>
    </li>
  );
}
