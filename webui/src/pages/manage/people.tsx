import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useMe } from "@/api/me";
import { type Person, peopleQuery, removePerson } from "@/api/people";
import { failureOf } from "@/api/problem";
import { texts } from "@/i18n";
import { manage as english } from "@/i18n/en/manage";
import { Button } from "@/parts/button";
import { ConfirmButton } from "@/parts/confirm";
import * as Icon from "@/parts/icons";
import { Moment } from "@/parts/moment";
import { Failure } from "@/parts/notice";
import { Panel, Rows } from "@/parts/panel";
import { Skeleton } from "@/parts/skeleton";
import { legible, visible } from "@/parts/words";
import { GrantDialog } from "./grant";
import { useChatTitles } from "./names";
import { rightsInWords } from "./rights";

const t = texts("manage", english);

/** Who may log in, and what they may do. */
export function PeopleSection() {
  const people = useQuery(peopleQuery);
  const [inviting, invite] = useState(false);
  const failure = failureOf(people);
  if (failure) return <Failure error={failure} again={() => people.refetch()} />;
  return (
    <Panel
      title={t.whoMay}
      lead={t.peopleLead}
      action={
        <Button look="strong" onClick={() => invite(true)}>
          <Icon.Plus aria-hidden />
          {t.invite}
        </Button>
      }
    >
      {people.data ? (
        <Rows label={t.people}>
          {people.data.items.map((person) => (
            <PersonRow key={person.id} person={person} />
          ))}
        </Rows>
      ) : (
        <Skeleton className="h-40" />
      )}
      {inviting && <GrantDialog close={() => invite(false)} />}
    </Panel>
  );
}

function PersonRow({ person }: { person: Person }) {
  const me = useMe();
  const titleOf = useChatTitles();
  const [editing, edit] = useState(false);
  const name = visible(person.name) ? legible(person.name) : String(person.id);
  const owner = person.role === "owner";
  const chats = person.chats?.map(titleOf).join(", ") ?? t.allChannels;
  return (
    <li className="flex flex-wrap items-center gap-x-6 gap-y-2">
      <div className="min-w-0 flex-1 basis-72">
        <p dir="auto" className="line-clamp-2 font-medium wrap-anywhere">
          {name} <span className="font-normal text-faint">{me?.person?.id === person.id && `(${t.you})`}</span>
        </p>
        <p className="text-sm text-muted">
          {owner ? t.owner : t.member} · <span className="tabular-nums">{person.id}</span>
          {person.since && (
            <>
              {" · "}
              <Moment unix={person.since} />
            </>
          )}
        </p>
        {!owner && (
          <p dir="auto" className="text-sm text-muted wrap-anywhere">
            {rightsInWords(person.can)} · {chats}
          </p>
        )}
      </div>
      {!owner && (
        <div className="flex flex-wrap gap-2">
          <Button aria-label={t.editPerson(name)} onClick={() => edit(true)}>
            {t.edit}
          </Button>
          <ConfirmButton
            label={t.remove}
            name={t.removePerson(name)}
            title={t.removeTitle(name)}
            action={t.remove}
            run={() => removePerson(person.id)}
          >
            {t.removeWhy}
          </ConfirmButton>
        </div>
      )}
      {editing && <GrantDialog person={person} close={() => edit(false)} />}
    </li>
  );
}
