/**
 * A QR code as elements: dark on white in both themes, as scanners want it. `path` draws its dark squares in a view box
 * of `size`, quiet zone included.
 */
export function QrPicture({
  size,
  path,
  label,
  className = "",
}: {
  size: number;
  path: string;
  label: string;
  className?: string;
}) {
  return (
    <svg
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label={label}
      shapeRendering="crispEdges"
      className={`block aspect-square rounded-lg bg-white ${className}`}
    >
      <path d={path} className="fill-black" />
    </svg>
  );
}
