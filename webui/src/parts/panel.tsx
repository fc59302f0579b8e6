import type { ReactNode } from "react";

/** A part of a page of settings: a heading, what it is for, and what is in it. */
export function Panel({
  title,
  lead,
  action,
  children,
  id,
}: {
  title: string;
  lead?: ReactNode;
  action?: ReactNode;
  children: ReactNode;
  id?: string;
}) {
  return (
    <section id={id} aria-label={title} className="grid content-start gap-4 rounded-lg bg-surface p-5 max-sm:p-4">
      <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
        <div className="me-auto grid min-w-0 gap-1">
          <h2 className="text-xl">{title}</h2>
          {lead && <p className="max-w-prose text-muted">{lead}</p>}
        </div>
        {action}
      </div>
      {children}
    </section>
  );
}

/** Rows of a list in a panel, with a line between them. */
export function Rows({ children, label }: { children: ReactNode; label?: string }) {
  return (
    <ul aria-label={label} className="grid *:border-t *:border-line *:py-3">
      {children}
    </ul>
  );
}

/** One line where a list has nothing, which says what to do. */
export const Nothing = ({ children }: { children: ReactNode }) => <p className="py-2 text-muted">{children}</p>;
