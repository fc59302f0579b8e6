import css from "./player.module.css";

/** A button of the bar below the picture. */
export function Control({ label, className = "", ...rest }: React.ComponentProps<"button"> & { label: string }) {
  return <button type="button" aria-label={label} title={label} className={`${css.button} ${className}`} {...rest} />;
}
