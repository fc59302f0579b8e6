import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Problem } from "@/api/problem";
import { texts } from "@/i18n";
import { shell as english } from "@/i18n/en/shell";
import { Button, buttonLook } from "./button";

const t = texts("shell", english);

/** In place of content: what is the matter, why, and what can be done now. */
export function Notice({
  title,
  children,
  actions,
  level: Heading = "h2",
}: {
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
  /** h1 where it is all of the page. */
  level?: "h1" | "h2";
}) {
  return (
    <section className="mx-auto grid max-w-xl justify-items-center gap-4 px-6 py-[12vh] text-center">
      <Heading className="text-2xl">{title}</Heading>
      {children && <p className="text-base text-pretty text-muted">{children}</p>}
      {actions && <div className="mt-2 flex flex-wrap justify-center gap-3">{actions}</div>}
    </section>
  );
}

/** What a failed request means for the person, by its status. */
export function Failure({ error, again, level }: { error: unknown; again?: () => void; level?: "h1" | "h2" }) {
  const problem = error instanceof Problem ? error : new Problem(-1, "", error instanceof Error ? error.message : "");
  const retry = again && (
    <Button look="strong" onClick={again}>
      {t.tryAgain}
    </Button>
  );
  const home = (
    <Link to="/" className={buttonLook()}>
      {t.toHome}
    </Link>
  );
  const titles: Record<number, string> = {
    0: t.oneMoment,
    401: t.logIn,
    403: t.expired,
    404: t.nothingHere,
    410: t.nothingHere,
    503: t.oneMoment,
  };
  return (
    <Notice
      level={level}
      title={titles[problem.status] ?? t.failed}
      actions={problem.status === 404 || problem.status === 410 ? home : retry}
    >
      {problem.status === 0 ? t.unreachable : problem.message}
    </Notice>
  );
}
