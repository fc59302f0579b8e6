import { useMutation, useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { chatsQuery } from "@/api/chats";
import { changePerson, invite, type Person } from "@/api/people";
import { texts } from "@/i18n";
import { manage as english } from "@/i18n/en/manage";
import { Button } from "@/parts/button";
import { Dialog } from "@/parts/dialog";
import { TextField } from "@/parts/field";
import { legible } from "@/parts/words";
import { Check } from "./check";
import { useChatTitles } from "./names";
import { type Draft, draftOf, GRANTED_RIGHTS, grantOf, rightName, type Wrong } from "./rights";

const t = texts("manage", english);

/** Invites somebody, or changes what a member may do. */
export function GrantDialog({ person, close }: { person?: Person; close: () => void }) {
  const [draft, set] = useState(() => draftOf(person));
  const [shown, show] = useState<Wrong>(null);
  const change = (part: Partial<Draft>) => set((before) => ({ ...before, ...part }));
  const { id, grant, wrong } = grantOf(draft);
  const saving = useMutation({
    mutationFn: () => (person ? changePerson(id, grant) : invite(id, grant)),
    onSuccess: close,
  });
  const troubles = { id: t.personIdWrong, rights: t.noRights, channels: t.noChannels };
  const trouble = shown && wrong ? troubles[wrong] : saving.isError ? saving.error.message : "";
  const said = useId();
  return (
    <Dialog title={person ? t.editPerson(legible(person.name || String(person.id))) : t.inviteTitle} close={close}>
      <form
        noValidate
        className="grid gap-5"
        onSubmit={(event) => {
          event.preventDefault();
          show(wrong);
          if (!wrong) saving.mutate();
        }}
      >
        {!person && <p className="text-muted">{t.inviteLead}</p>}
        {!person && (
          <TextField
            label={t.personId}
            value={draft.id}
            inputMode="numeric"
            dir="ltr"
            aria-invalid={shown === "id" && wrong === "id"}
            aria-describedby={said}
            onChange={({ target }) => change({ id: target.value })}
          />
        )}
        <TextField
          label={t.personName}
          value={draft.name}
          maxLength={128}
          onChange={({ target }) => change({ name: target.value })}
        />
        <RightsField draft={draft} change={change} />
        <ChannelsField draft={draft} change={change} />
        <p id={said} role="alert" className="text-danger empty:hidden">
          {trouble}
        </p>
        <div className="flex flex-wrap justify-end gap-3">
          <Button onClick={close}>{t.cancel}</Button>
          <Button type="submit" look="strong" disabled={saving.isPending}>
            {person ? t.save : t.invite}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

type Part = { draft: Draft; change: (part: Partial<Draft>) => void };

function RightsField({ draft, change }: Part) {
  return (
    <fieldset className="grid">
      <legend className="text-sm text-muted">{t.rights}</legend>
      {GRANTED_RIGHTS.map((right) => (
        <Check
          key={right}
          checked={draft.can.includes(right)}
          set={(on) => change({ can: on ? [...draft.can, right] : draft.can.filter((one) => one !== right) })}
        >
          {rightName(right)}
        </Check>
      ))}
    </fieldset>
  );
}

function ChannelsField({ draft, change }: Part) {
  const chats = useQuery(chatsQuery).data?.items.filter((one) => one.served) ?? [];
  const titleOf = useChatTitles();
  return (
    <fieldset className="grid">
      <legend className="text-sm text-muted">{t.channels}</legend>
      <Check checked={draft.all} set={(all) => change({ all })}>
        {t.allChannels}
      </Check>
      {!draft.all &&
        chats.map(({ chat_id }) => (
          <Check
            key={chat_id}
            checked={draft.chats.includes(chat_id)}
            set={(on) =>
              change({ chats: on ? [...draft.chats, chat_id] : draft.chats.filter((one) => one !== chat_id) })
            }
          >
            {titleOf(chat_id)}
          </Check>
        ))}
    </fieldset>
  );
}
