import { Link, useCanGoBack, useRouter } from "@tanstack/react-router";
import { useCallback, useState } from "react";
import type { Me } from "@/api/client";
import { useMe } from "@/api/me";
import { texts } from "@/i18n";
import { login as english } from "@/i18n/en/login";
import { buttonLook } from "@/parts/button";
import { PageHead } from "@/parts/head";
import { Notice } from "@/parts/notice";
import { LoginPanel } from "./panel";

const t = texts("login", english);

/** The page of the log-in: leads back to where it was opened from. */
export function Login() {
  const me = useMe();
  return me ? <LoginOf me={me} /> : null;
}

function LoginOf({ me }: { me: Me }) {
  const [before] = useState(me); // who logs in here stays here until the page before is open
  const router = useRouter();
  const back = useCanGoBack();
  const entered = useCallback(() => {
    if (back) router.history.back();
    else void router.navigate({ to: "/", replace: true });
  }, [back, router]);
  if (!before.server.features.includes("login")) return <Closed title={t.noLogin} words={t.noLoginWhy} />;
  if (before.person) return <Closed title={t.loggedIn} words={t.loggedInAs(before.person.name)} />;
  return <LoginPanel entered={entered} />;
}

function Closed({ title, words }: { title: string; words: string }) {
  return (
    <>
      <PageHead title={t.title} />
      <Notice
        title={title}
        actions={
          <Link to="/" className={buttonLook("strong")}>
            {t.toLibrary}
          </Link>
        }
      >
        {words}
      </Notice>
    </>
  );
}
