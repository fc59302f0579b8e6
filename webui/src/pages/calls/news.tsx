import { useEffect, useRef, useState } from "react";
import type { Call } from "@/api/calls";
import { newsOf } from "./calls";
import { saidOf, type TitleOf } from "./words";

/** Says what happens in calls to those who do not see it: what plays and the state, not the position. */
export function News({ calls, titleOf }: { calls: readonly Call[]; titleOf: TitleOf }) {
  const before = useRef<readonly Call[] | undefined>(undefined);
  const [said, say] = useState("");
  useEffect(() => {
    const news = before.current ? newsOf(before.current, calls) : [];
    before.current = calls;
    if (news.length) say(saidOf(news, titleOf));
  }, [calls, titleOf]);
  return (
    <p role="status" className="sr-only">
      {said}
    </p>
  );
}
