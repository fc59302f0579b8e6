import { useMutation } from "@tanstack/react-query";
import { useId, useState } from "react";
import { addMirror } from "@/api/mirrors";
import { texts } from "@/i18n";
import { mirrors as english } from "@/i18n/en/mirrors";
import { Button } from "@/parts/button";
import { TextField } from "@/parts/field";
import { Panel } from "@/parts/panel";
import { Check } from "./check";
import { chatOf } from "./walks";

const t = texts("mirrors", english);

/** Makes a mirror of two channels by their names, links or numbers. */
export function NewMirror() {
  const [typed, type] = useState({ source: "", target: "" });
  const [wishes, wish] = useState({ once: false, deletions: false });
  const [wrong, setWrong] = useState(false);
  const said = useId();
  const making = useMutation({ mutationFn: addMirror, onSuccess: () => type({ source: "", target: "" }) });
  const source = chatOf(typed.source);
  const target = chatOf(typed.target);
  const complete = source !== null && target !== null;
  const trouble = wrong && !complete ? t.wrong : making.isError ? making.error.message : "";
  const field = (name: "source" | "target", label: string) => (
    <TextField
      className="min-w-60 flex-1"
      label={label}
      value={typed[name]}
      dir="ltr"
      spellCheck={false}
      autoCapitalize="off"
      placeholder={name === "source" ? "@films" : "@films_copy"}
      aria-invalid={trouble !== ""}
      aria-describedby={said}
      onChange={({ target: input }) => {
        type({ ...typed, [name]: input.value });
        setWrong(false);
        making.reset();
      }}
    />
  );
  return (
    <Panel title={t.add} lead={t.addLead}>
      <form
        noValidate
        className="grid gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          setWrong(!complete);
          if (source !== null && target !== null) making.mutate({ source, target, ...wishes });
        }}
      >
        <div className="flex flex-wrap items-end gap-3">
          {field("source", t.source)}
          {field("target", t.target)}
          <Button type="submit" look="strong" disabled={making.isPending}>
            {t.start}
          </Button>
        </div>
        <Check checked={wishes.once} set={(once) => wish({ ...wishes, once })}>
          {t.once}
        </Check>
        <Check checked={wishes.deletions} set={(deletions) => wish({ ...wishes, deletions })}>
          {t.deletions}
        </Check>
      </form>
      <p id={said} role="status" className={trouble ? "text-danger" : "text-ok"}>
        {trouble || (making.isSuccess ? t.started : "")}
      </p>
    </Panel>
  );
}
