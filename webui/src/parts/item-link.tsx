import { useRouter } from "@tanstack/react-router";
import type { MouseEvent, ReactNode } from "react";
import { pageToken } from "@/api/address";

/** Where a card leads. */
export type Target =
  | { to: "/watch/$chat/$message"; params: { chat: string; message: string }; search?: { token?: string } }
  | { to: "/work/$key"; params: { key: string }; search?: { token?: string } };

const pathOf = (target: Target) =>
  target.to === "/work/$key"
    ? `/work/${encodeURIComponent(target.params.key)}`
    : `/watch/${target.params.chat}/${target.params.message}`;

/**
 * A link of one of many cards: the router's own follows every change of the address, which costs more than all else on
 * a card. It loads the page that it leads to when it is pointed at.
 */
export function ItemLink({ target, className, children }: { target: Target; className?: string; children: ReactNode }) {
  const router = useRouter();
  const token = target.search?.token;
  const own = token ?? pageToken();
  const onClick = (event: MouseEvent) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    router.navigate(token ? target : { ...target, search: {} });
  };
  const preload = () => void router.preloadRoute(target).catch(() => {});
  return (
    <a
      href={own ? `${pathOf(target)}?token=${encodeURIComponent(own)}` : pathOf(target)}
      dir="auto"
      onClick={onClick}
      onPointerEnter={preload}
      onFocus={preload}
      className={className}
    >
      {children}
    </a>
  );
}
