import { useMutation } from "@tanstack/react-query";
import { useId, useState } from "react";
import type { Me } from "@/api/client";
import type { Right } from "@/api/me";
import { type MadeToken, makeToken } from "@/api/tokens";
import { texts } from "@/i18n";
import { settings as english } from "@/i18n/en/settings";
import { Check } from "@/pages/manage/check";
import { ALL_RIGHTS, rightName } from "@/pages/manage/rights";
import { Button } from "@/parts/button";
import { CopyButton } from "@/parts/copy";
import { Dialog } from "@/parts/dialog";
import { SelectField, TextField } from "@/parts/field";

const t = texts("settings", english);

const ENDS = { never: null, week: 7 * 86_400, month: 30 * 86_400, year: 365 * 86_400 } as const;
type Ends = keyof typeof ENDS;

/** Makes an API token, and shows its text this once. */
export function NewTokenDialog({ me, close }: { me: Me; close: () => void }) {
  const [made, show] = useState<MadeToken | null>(null);
  return (
    <Dialog title={made ? t.tokenMade : t.makeToken} close={close}>
      {made ? <Made token={made} close={close} /> : <Form me={me} close={close} made={show} />}
    </Dialog>
  );
}

function Form({ me, close, made }: { me: Me; close: () => void; made: (token: MadeToken) => void }) {
  const [name, setName] = useState("");
  const [can, setCan] = useState<Right[]>(ALL_RIGHTS.filter((one) => one === "read" || one === "playback"));
  const [ends, setEnds] = useState<Ends>("year");
  const [tried, tryIt] = useState(false);
  const said = useId();
  const making = useMutation({ mutationFn: () => makeToken(name.trim(), can, ENDS[ends]), onSuccess: made });
  const wrong = !name.trim() ? t.tokenNameWrong : !can.length ? t.tokenNoRights : "";
  return (
    <form
      noValidate
      className="grid gap-5"
      onSubmit={(event) => {
        event.preventDefault();
        tryIt(true);
        if (!wrong) making.mutate();
      }}
    >
      <TextField
        label={t.tokenName}
        placeholder={t.tokenNameHint}
        value={name}
        maxLength={100}
        aria-invalid={tried && !name.trim()}
        aria-describedby={said}
        onChange={({ target }) => setName(target.value)}
      />
      <fieldset>
        <legend className="text-sm text-muted">{t.tokenRights}</legend>
        {ALL_RIGHTS.filter((right) => me.can.includes(right)).map((right) => (
          <Check
            key={right}
            checked={can.includes(right)}
            set={(on) => setCan(on ? [...can, right] : can.filter((one) => one !== right))}
          >
            {rightName(right)}
          </Check>
        ))}
      </fieldset>
      <SelectField<Ends>
        label={t.tokenEnds}
        value={ends}
        change={setEnds}
        options={[
          { value: "week", name: t.tokenWeek },
          { value: "month", name: t.tokenMonth },
          { value: "year", name: t.tokenYear },
          { value: "never", name: t.tokenNever },
        ]}
      />
      <p id={said} role="alert" className="text-danger empty:hidden">
        {(tried && wrong) || making.error?.message}
      </p>
      <div className="flex flex-wrap justify-end gap-3">
        <Button onClick={close}>{t.cancel}</Button>
        <Button type="submit" look="strong" disabled={making.isPending}>
          {t.make}
        </Button>
      </div>
    </form>
  );
}

function Made({ token, close }: { token: MadeToken; close: () => void }) {
  return (
    <div className="grid gap-4">
      <p role="status" className="text-muted">
        {t.tokenOnce}
      </p>
      <code dir="ltr" className="block rounded-md bg-raised p-4 font-mono text-base break-all select-all">
        {token.token}
      </code>
      <div className="flex flex-wrap justify-end gap-3">
        <CopyButton text={token.token} label={t.copyToken} />
        <Button look="strong" onClick={close}>
          {t.done}
        </Button>
      </div>
    </div>
  );
}
