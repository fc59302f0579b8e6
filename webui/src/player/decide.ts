import type { Item } from "@/api/client";
import { type Abilities, type Facts, factsOf } from "@/api/facts";
import { queries } from "@/api/query";
import { abilities, tagOf, thisBrowser } from "./capability";
import { choices } from "./choices";
import type { Decide } from "./engine";

const KEPT = 10 * 60_000;

/** What this browser says of these codecs, with the viewer's language of sound first. */
export const own = (codecs: readonly string[]): Abilities => abilities(codecs, thisBrowser(), choices.get().audio);

/** Asks the server how this browser plays a file: the facts once, then the decision for what it says of the codecs. */
export function decider(item: Item): Decide {
  const key = ["facts", item.chat_id, item.message_id];
  return async (audio, _signal, waiting) => {
    const facts = await kept([...key], () => factsOf(item, { waiting }));
    if (!facts) return null;
    if (tagOf(item.mime_type) === "audio") return facts; // played as it is: browsers know MP3 and FLAC by no codec string
    const able = own(facts.tracks.map((track) => track.codec_string));
    return kept([...key, able, audio], () => factsOf(item, { abilities: able, audio, waiting }));
  };
}

const kept = (queryKey: unknown[], queryFn: () => Promise<Facts | null>) =>
  queries.fetchQuery({ queryKey, queryFn, staleTime: KEPT, retry: false });
