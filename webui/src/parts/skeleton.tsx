/** A grey place of the size that the content will have. Still: nothing on the page loops. */
export function Skeleton({ className = "" }: { className?: string }) {
  return <div aria-hidden="true" data-waits="" className={`rounded-md bg-raised ${className}`} />;
}
