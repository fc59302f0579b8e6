import { useEffect, useRef, useState } from "react";
import type { Job } from "@/api/jobs";
import { newsOf } from "./jobs";
import { saidOf } from "./words";

/** Says what happens to jobs to those who do not see it: changes of state, not of figures. */
export function News({ jobs }: { jobs: readonly Job[] | undefined }) {
  const before = useRef<readonly Job[] | undefined>(undefined);
  const [said, say] = useState("");
  useEffect(() => {
    const news = before.current && jobs ? newsOf(before.current, jobs) : [];
    before.current = jobs;
    if (news.length) say(saidOf(news));
  }, [jobs]);
  return (
    <p role="status" className="sr-only">
      {said}
    </p>
  );
}
