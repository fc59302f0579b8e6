import { useMutation } from "@tanstack/react-query";
import { useId, useState } from "react";
import { startWalk } from "@/api/walks";
import { texts } from "@/i18n";
import { manage as english } from "@/i18n/en/manage";
import { Button } from "@/parts/button";
import { TextField } from "@/parts/field";
import { Panel } from "@/parts/panel";
import { chatOf } from "./walks";

const t = texts("manage", english);

/** Starts a walk through a channel by its name, link or number. */
export function NewWalk() {
  const [typed, type] = useState("");
  const [wrong, setWrong] = useState(false);
  const said = useId();
  const starting = useMutation({
    mutationFn: (chat: number | string) => startWalk(chat, false),
    onSuccess: () => type(""),
  });
  const chat = chatOf(typed);
  const trouble = wrong && chat === null ? t.newWalkWrong : starting.isError ? starting.error.message : "";
  return (
    <Panel title={t.newWalk} lead={t.newWalkLead}>
      <form
        noValidate
        className="flex flex-wrap items-end gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          setWrong(chat === null);
          if (chat !== null) starting.mutate(chat);
        }}
      >
        <TextField
          className="min-w-60 flex-1"
          label={t.newWalkLabel}
          value={typed}
          dir="ltr"
          spellCheck={false}
          autoCapitalize="off"
          placeholder="@films"
          aria-invalid={trouble !== ""}
          aria-describedby={said}
          onChange={({ target }) => {
            type(target.value);
            setWrong(false);
            starting.reset();
          }}
        />
        <Button type="submit" look="strong" disabled={starting.isPending}>
          {t.newWalkStart}
        </Button>
      </form>
      <p id={said} role="status" className={trouble ? "text-danger" : "text-ok"}>
        {trouble || (starting.isSuccess ? t.newWalkStarted : "")}
      </p>
    </Panel>
  );
}
