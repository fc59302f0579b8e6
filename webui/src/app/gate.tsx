import { useQuery } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense } from "react";
import { pageToken } from "@/api/address";
import { meQuery } from "@/api/me";
import { standingOf } from "./standing";

const Closed = lazy(() => import("@/pages/login/closed"));

/** What stands in place of every page: the log-in for strangers, or why nothing can be shown; null where pages are. */
export function useGate(): ReactNode | null {
  const { data, error, errorUpdateCount, errorUpdatedAt, refetch } = useQuery(meQuery);
  const standing = standingOf(data, error, pageToken(), errorUpdateCount);
  if (standing.is === "open") return null;
  return (
    <Suspense>
      <Closed standing={standing} since={errorUpdatedAt} again={() => void refetch()} words={error?.message ?? ""} />
    </Suspense>
  );
}
