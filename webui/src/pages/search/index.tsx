import { PageHead } from "@/parts/head";

export function SearchPage() {
  return <PageHead title="SearchPage" />;
}
