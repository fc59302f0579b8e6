import { type ReactNode, useEffect, useState } from "react";
import { useNear } from "./use-near";

/** Cards of a row that fit beside each other, and some more: as wide as parts/shelf.tsx makes films at least. */
const fitting = () => Math.ceil(innerWidth / (innerWidth < 640 ? 176 : 256)) + 2;

/** What a row begins with, and the rest once somebody comes near its end: most rows are never gone along. */
export function Begun<T>({
  items,
  keyOf,
  render,
}: {
  items: readonly T[];
  keyOf: (item: T) => string;
  render: (item: T, index: number) => ReactNode;
}) {
  const [all, showAll] = useState(false);
  const [first] = useState(fitting);
  const shown = all ? items : items.slice(0, first);
  return (
    <>
      {shown.map((item, index) => (
        <li key={keyOf(item)}>{render(item, index)}</li>
      ))}
      {shown.length < items.length && <End onNear={() => showAll(true)} />}
    </>
  );
}

function End({ onNear }: { onNear: () => void }) {
  const [place, near] = useNear<HTMLLIElement>();
  useEffect(() => {
    if (near) onNear();
  }, [near, onNear]);
  return <li ref={place} aria-hidden="true" />;
}
