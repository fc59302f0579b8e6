import { PageHead } from "@/parts/head";

export function Channels() {
  return <PageHead title="Channels" />;
}
