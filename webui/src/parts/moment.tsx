import { exact, relative } from "./when";

/** A time as "3 hours ago", with the exact one as its tooltip. */
export function Moment({ unix, className }: { unix: number; className?: string }) {
  return (
    <time dateTime={new Date(unix * 1000).toISOString()} title={exact(unix)} className={className}>
      {relative(unix)}
    </time>
  );
}
