import { type DragEvent, type KeyboardEvent, type ReactNode, useId, useRef, useState } from "react";
import type { Job } from "@/api/jobs";
import { texts } from "@/i18n";
import { leech as english } from "@/i18n/en/leech";
import { Button } from "@/parts/button";
import { TextField } from "@/parts/field";
import * as Icon from "@/parts/icons";
import { Panel } from "@/parts/panel";
import { legible } from "@/parts/words";
import { OpenFile } from "./open";
import { type Adding, useAdding } from "./use-adding";
import { nameOf } from "./words";

const t = texts("leech", english);

/** Adds links: typed, pasted, dropped, or from a text file. `show` leads to the job of one that is there already. */
export function AddLinks({ show }: { show: (job: Job) => void }) {
  const adding = useAdding();
  const said = useId();
  return (
    <Panel title={t.add} lead={t.lead}>
      <DropZone adding={adding}>
        <form
          noValidate
          className="grid gap-3"
          onSubmit={(event) => {
            event.preventDefault();
            adding.submit();
          }}
        >
          <LinksField adding={adding} said={said} />
          <div className="flex flex-wrap items-end gap-3">
            <TextField
              className="min-w-60 flex-1"
              label={t.name}
              value={adding.several ? "" : adding.name}
              maxLength={255}
              disabled={adding.several}
              readOnly={adding.pending}
              placeholder={adding.several ? t.nameOfOne : ""}
              onChange={({ target }) => adding.call(target.value)}
            />
            <Button type="submit" look="strong" aria-disabled={adding.pending}>
              {t.submit}
            </Button>
            <FromFile adding={adding} />
          </div>
        </form>
      </DropZone>
      <p id={said} role="status" className={adding.failed ? "text-danger" : adding.pending ? "text-muted" : "text-ok"}>
        {adding.said}
      </p>
      <Outcomes adding={adding} show={show} />
    </Panel>
  );
}

function LinksField({ adding, said }: { adding: Adding; said: string }) {
  const hint = useId();
  const press = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    adding.submit();
  };
  return (
    <label className="grid min-w-0 gap-1">
      <span className="text-sm text-muted">{t.address}</span>
      <textarea
        dir="ltr"
        rows={2}
        value={adding.text}
        readOnly={adding.pending}
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        enterKeyHint="go"
        placeholder="https://example.org/garden.mkv"
        aria-invalid={adding.failed}
        aria-describedby={`${said} ${hint}`}
        onKeyDown={press}
        onChange={({ target }) => adding.change(target.value)}
        className="field-sizing-content max-h-60 min-h-16 w-full min-w-0 resize-none rounded-md bg-raised px-3 py-2.5 text-text wrap-anywhere placeholder:text-faint"
      />
      <span id={hint} className="text-sm text-muted max-md:sr-only">
        {t.addressHint}
      </span>
    </label>
  );
}

/** The same as dropping a file, for who has no pointer. */
function FromFile({ adding }: { adding: Adding }) {
  const file = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={file}
        type="file"
        accept=".txt,.m3u,.m3u8,.csv,text/plain"
        multiple
        hidden
        onChange={({ target }) => {
          void adding.read([...(target.files ?? [])]);
          target.value = "";
        }}
      />
      <Button aria-disabled={adding.pending} onClick={() => !adding.pending && file.current?.click()}>
        <Icon.Document aria-hidden />
        {t.fromFile}
      </Button>
    </>
  );
}

function DropZone({ adding, children }: { adding: Adding; children: ReactNode }) {
  const [over, set] = useState(false);
  const enter = (event: DragEvent) => {
    if (adding.pending) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    set(true);
  };
  const drop = (event: DragEvent) => {
    set(false);
    if (adding.pending) return;
    event.preventDefault();
    const { files } = event.dataTransfer;
    if (files.length) void adding.read([...files]);
    else adding.drop(event.dataTransfer.getData("text/uri-list") || event.dataTransfer.getData("text/plain"));
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a place to drop on has no role; a button takes files, too
    <div
      onDragEnter={enter}
      onDragOver={enter}
      onDragLeave={({ currentTarget, relatedTarget }) =>
        !(relatedTarget instanceof Node && currentTarget.contains(relatedTarget)) && set(false)
      }
      onDrop={drop}
      className={`-m-2.5 rounded-md border-2 border-dashed p-2 transition-colors ${over ? "border-accent" : "border-transparent"}`}
    >
      {children}
    </div>
  );
}

/** What became of those links that are no new jobs. */
function Outcomes({ adding: { result, pending }, show }: { adding: Adding; show: (job: Job) => void }) {
  if (pending || !result || result.already.length + result.refused.length === 0) return null;
  return (
    <ul aria-label={t.results} className="grid *:border-t *:border-line *:py-2">
      {result.refused.map(({ address, why }) => (
        <li key={address} className="grid gap-1">
          <bdi dir="ltr" className="line-clamp-2 justify-self-start wrap-anywhere">
            {legible(address)}
          </bdi>
          <p dir="auto" className="as-parent text-danger wrap-anywhere">
            {legible(why)}
          </p>
        </li>
      ))}
      {result.already.map(({ address, job }) => (
        <li key={address} className="flex flex-wrap items-center gap-x-4 gap-y-1">
          <div className="me-auto grid min-w-0 gap-1">
            <bdi dir="ltr" className="line-clamp-2 justify-self-start wrap-anywhere">
              {legible(address)}
            </bdi>
            <p className="text-muted">{t.isThere}</p>
          </div>
          {job.state === "done" ? (
            <OpenFile job={job} />
          ) : (
            <Button aria-label={t.showJob(nameOf(job))} onClick={() => show(job)}>
              {t.show}
            </Button>
          )}
        </li>
      ))}
    </ul>
  );
}
