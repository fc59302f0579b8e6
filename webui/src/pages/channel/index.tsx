import { PageHead } from "@/parts/head";

export function Channel() {
  return <PageHead title="Channel" />;
}
