import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useRef, useState } from "react";
import { deleteCollection, LONGEST_NAME, renameCollection } from "@/api/collecting";
import type { CollectionItem } from "@/api/collections";
import { may, useMe } from "@/api/me";
import { texts } from "@/i18n";
import { collections as english } from "@/i18n/en/collections";
import { Button, IconButton } from "./button";
import { Confirm } from "./confirm";
import { Dialog } from "./dialog";
import { TextField } from "./field";
import * as Icon from "./icons";
import { CORNER_BUTTON, openItemDialog } from "./item-menu";
import { Menu, MenuEntry } from "./menu";
import { toast } from "./toasts";
import { legible } from "./words";

const t = texts("collections", english);

/** The button of a collection with its menu: share, rename, delete. */
export function CollectionMenu({
  collection,
  corner = false,
  gone,
}: {
  collection: CollectionItem;
  /** On a card's picture. */
  corner?: boolean;
  /** It was deleted. */
  gone?: () => void;
}) {
  const [open, show] = useState<"" | "menu" | "rename" | "delete">("");
  const button = useRef<HTMLButtonElement>(null);
  const name = legible(collection.name);
  const close = () => {
    show("");
    button.current?.focus({ preventScroll: true });
  };
  return (
    <div className={corner ? "group absolute end-1 top-1 z-10" : ""}>
      <IconButton
        ref={button}
        label={t.more(name)}
        aria-haspopup="menu"
        aria-expanded={open === "menu"}
        onClick={() => show(open ? "" : "menu")}
        className={corner ? `${CORNER_BUTTON} opacity-100!` : ""}
      >
        <Icon.More aria-hidden />
      </IconButton>
      {open === "menu" && button.current && (
        <Menu anchor={button.current} label={t.more(name)} title={name} close={close}>
          <Entries collection={collection} close={close} show={show} />
        </Menu>
      )}
      {open === "rename" && <Rename collection={collection} close={close} />}
      {open === "delete" && (
        <Confirm
          title={t.removeTitle(name)}
          action={t.removeIt}
          close={() => show("")}
          run={async () => {
            await deleteCollection(collection.id);
            toast(t.removed(name));
            gone?.();
          }}
        >
          {t.removeWhat}
        </Confirm>
      )}
    </div>
  );
}

function Entries({
  collection,
  close,
  show,
}: {
  collection: CollectionItem;
  close: () => void;
  show: (what: "rename" | "delete") => void;
}) {
  const navigate = useNavigate();
  const me = useMe();
  const { id, name } = collection;
  return (
    <>
      <MenuEntry
        icon={<Icon.Collect aria-hidden />}
        run={() => {
          close();
          void navigate({ to: "/collections/$id", params: { id: String(id) } });
        }}
      >
        {t.open}
      </MenuEntry>
      {me?.person && may(me, "links", "links") && (
        <MenuEntry
          icon={<Icon.Share aria-hidden />}
          run={() => {
            close();
            openItemDialog({ what: "link", target: { collection: id }, name: legible(name) });
          }}
        >
          {t.share}
        </MenuEntry>
      )}
      <MenuEntry icon={<Icon.Rename aria-hidden />} run={() => show("rename")}>
        {t.rename}
      </MenuEntry>
      <MenuEntry icon={<Icon.Delete aria-hidden />} danger run={() => show("delete")}>
        {t.remove}
      </MenuEntry>
    </>
  );
}

function Rename({ collection, close }: { collection: CollectionItem; close: () => void }) {
  const [name, write] = useState(collection.name);
  const [failed, fail] = useState("");
  const save = (event: FormEvent) => {
    event.preventDefault();
    if (!name.trim() || name === collection.name) return close();
    renameCollection(collection.id, name).then(
      (renamed) => {
        toast(t.renamed(legible(renamed.name)));
        close();
      },
      (error: unknown) => fail(error instanceof Error ? error.message : ""),
    );
  };
  return (
    <Dialog title={t.renameTitle(legible(collection.name))} close={close}>
      <form onSubmit={save} className="grid gap-4">
        <TextField
          label={t.newName}
          value={name}
          maxLength={LONGEST_NAME}
          required
          onChange={({ target }) => write(target.value)}
        />
        <p role="alert" className="text-danger empty:hidden">
          {failed}
        </p>
        <Button look="strong" type="submit">
          {t.save}
        </Button>
      </form>
    </Dialog>
  );
}
