import { type ReactNode, useEffect, useRef } from "react";
import { legible } from "./words";

/** The title of the document while a page is shown. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title ? `${legible(title)} – StreamVault` : "StreamVault";
  }, [title]);
}

/** The heading of a page: names the document, and gets the focus when the page is opened. */
export function PageHead({ title, children }: { title: string; children?: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useTitle(title);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <div className="edge flex min-h-16 flex-wrap items-center gap-x-6 gap-y-2 py-3">
      <h1 ref={heading} tabIndex={-1} className="me-auto text-2xl">
        <bdi>{title}</bdi>
      </h1>
      {children}
    </div>
  );
}
