// What can be done with files: shown at once, told in a notice, and undone from there.

import type { Item } from "@/api/client";
import { setMembers } from "@/api/collecting";
import type { CollectionItem } from "@/api/collections";
import { finishedNow, setFavourite, setHidden, setWatched } from "@/api/personal";
import { texts } from "@/i18n";
import { item as english } from "@/i18n/en/item";
import { toast } from "./toasts";
import { titleOf } from "./words";

const t = texts("item", english);

/** Tells of an error that nobody waits for. */
export function tell(error: unknown): void {
  toast(t.failed(error instanceof Error ? error.message : ""), { tone: "danger" });
}

const undo = (run: () => Promise<unknown>) => ({ name: t.undo, run: () => void run().catch(tell) });

export function favour(item: Item, on = !item.favourite): Promise<void> {
  return setFavourite(item, on).then(() => {
    const name = titleOf(item);
    const back = undo(() => setFavourite({ ...item, favourite: on }, !on));
    toast(on ? t.favoured(name) : t.unfavoured(name), { action: back });
  }, tell);
}

export function hide(item: Item, on = !item.hidden): Promise<void> {
  return setHidden(item, on).then(() => {
    const name = titleOf(item);
    toast(on ? t.hidden(name) : t.shownAgain(name), {
      action: undo(() => setHidden({ ...item, hidden: on }, !on)),
    });
  }, tell);
}

/** Marks files as watched or not; undo brings back how far each was watched. `name`: of all of them together. */
export async function mark(files: readonly Item[], finished: boolean, name?: string): Promise<void> {
  const changed = files.filter((file) => (finished ? !file.watched?.finished : file.watched));
  const [only] = changed;
  if (!only) return;
  const to = (file: Item) => (finished ? finishedNow(file) : null);
  try {
    await Promise.all(changed.map((file) => setWatched(file, to(file))));
  } catch (error) {
    return tell(error);
  }
  const back = () => Promise.all(changed.map((file) => setWatched({ ...file, watched: to(file) }, file.watched)));
  const count = name ? 1 : changed.length;
  const what = name ?? titleOf(only);
  toast(finished ? t.watched(count, what) : t.unwatched(count, what), { action: undo(back) });
}

/** Adds files to a collection, or takes them out. */
export async function collect(files: readonly Item[], collection: Pick<CollectionItem, "id" | "name">, on = true) {
  const [only] = files;
  if (!only) return;
  try {
    await setMembers(collection.id, files, on);
  } catch (error) {
    return tell(error);
  }
  const text = on ? t.collected : t.taken;
  toast(text(files.length, titleOf(only), collection.name), {
    action: undo(() => setMembers(collection.id, files, !on)),
  });
}
