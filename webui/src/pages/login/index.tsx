import { PageHead } from "@/parts/head";

export function Login() {
  return <PageHead title="Login" />;
}
