import type { ComponentProps } from "react";

type Look = "plain" | "strong" | "ghost" | "danger";

const LOOKS: Record<Look, string> = {
  plain: "bg-raised hover:bg-hover text-text",
  strong: "bg-accent text-accent-ink hover:brightness-110",
  ghost: "bg-transparent hover:bg-raised text-muted hover:text-text",
  danger: "bg-raised hover:bg-hover text-danger",
};

/** The classes of something that looks like a button. */
export const buttonLook = (look: Look = "plain", more = "") =>
  `inline-flex min-h-11 items-center justify-center gap-2 rounded-full px-4 font-medium transition-colors disabled:opacity-60 [&_svg]:size-5 [&_svg]:shrink-0 ${LOOKS[look]} ${more}`;

/** A button of at least 44 px. */
export function Button({ look = "plain", className = "", ...rest }: ComponentProps<"button"> & { look?: Look }) {
  return <button type="button" className={buttonLook(look, className)} {...rest} />;
}

/** A round button that shows an icon; `label` is its name, and its tooltip. */
export function IconButton({ label, className = "", ...rest }: ComponentProps<"button"> & { label: string }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={`inline-grid size-11 place-items-center rounded-full text-muted transition-colors hover:bg-raised hover:text-text [&_svg]:size-5 ${className}`}
      {...rest}
    />
  );
}
