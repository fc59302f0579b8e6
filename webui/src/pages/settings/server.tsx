import { address } from "@/api/address";
import type { Me } from "@/api/client";
import { may } from "@/api/me";
import { texts } from "@/i18n";
import { settings as english } from "@/i18n/en/settings";
import { buttonLook } from "@/parts/button";
import { Panel } from "@/parts/panel";

const t = texts("settings", english);

/** Which server this is. */
export function ServerPanel({ me }: { me: Me }) {
  return (
    <Panel title={t.server}>
      <p>
        <bdi>{me.server.name}</bdi> <span className="text-muted">{t.version(me.server.version)}</span>
      </p>
      {may(me, "read") && (
        <div>
          <a href={address("/docs")} className={buttonLook()}>
            {t.api}
          </a>
        </div>
      )}
    </Panel>
  );
}
