import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { addJob } from "@/api/jobs";
import { texts } from "@/i18n";
import { leech as english } from "@/i18n/en/leech";
import { addAll, leftOf, type Result } from "./adding";
import { addressesOf, listedIn, MOST_ADDRESSES, MOST_TEXT, withMore } from "./addresses";

const t = texts("leech", english);

/** What is in the form, what becomes of it, and what is said of that. */
export function useAdding() {
  const [text, type] = useState("");
  const [name, call] = useState("");
  const [tried, setTried] = useState(0);
  const [wrong, setWrong] = useState("");
  const addresses = addressesOf(text);
  const adding = useMutation({
    mutationFn: (some: readonly string[]) => addAll(some, some.length === 1 ? name.trim() : "", addJob, setTried),
    onSuccess: (result, some) => {
      const rest = addresses.slice(some.length);
      type([...leftOf(result), ...rest].join("\n"));
      if (!leftOf(result).length) call("");
    },
  });

  function change(next: string) {
    type(next);
    setWrong("");
  }
  return {
    text,
    name,
    several: addresses.length > 1,
    pending: adding.isPending,
    result: adding.data,
    wrong,
    said: adding.isPending
      ? t.adding(tried, adding.variables.length)
      : wrong || (adding.isError ? adding.error.message : adding.data ? summary(adding.data) : ""),
    failed: wrong !== "" || adding.isError || (adding.data?.refused.length ?? 0) > 0,
    change,
    call,
    submit() {
      if (adding.isPending) return;
      setTried(0);
      setWrong(
        addresses.length ? (addresses.length > MOST_ADDRESSES ? t.tooMany(MOST_ADDRESSES) : "") : t.nothingTyped,
      );
      if (addresses.length) adding.mutate(addresses.slice(0, MOST_ADDRESSES));
    },
    /** Takes the addresses of files, below those that are there. */
    async read(files: readonly File[]) {
      if (files.some((file) => file.size > MOST_TEXT)) return setWrong(t.tooLong);
      const listed = (await Promise.all(files.map((file) => file.text()))).flatMap(listedIn);
      setWrong(listed.length ? "" : t.noneInFile);
      if (listed.length) type((before) => withMore(before, listed.join("\n")));
    },
    drop: (more: string) => change(withMore(text, more)),
  };
}

export type Adding = ReturnType<typeof useAdding>;

function summary({ added, already, refused, untried }: Result): string {
  return [
    added ? t.added(added) : "",
    already.length ? t.already(already.length) : "",
    refused.length ? t.notAdded(refused.length) : "",
    untried.length ? t.notAsked(untried.length) : "",
  ]
    .filter(Boolean)
    .join(" · ");
}
