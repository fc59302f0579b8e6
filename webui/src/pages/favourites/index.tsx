import { PageHead } from "@/parts/head";

export function Favourites() {
  return <PageHead title="Favourites" />;
}
