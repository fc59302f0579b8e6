import { Fragment, type ReactNode } from "react";

/** Short facts in a row, "2023 · 1 hr 42 min · 1080p": each keeps its own direction. Empty ones are left out. */
export function Told({ parts }: { parts: readonly ReactNode[] }) {
  return parts.filter(Boolean).map((part, at) => (
    <Fragment key={at}>
      {at > 0 && " · "}
      <bdi>{part}</bdi>
    </Fragment>
  ));
}
