import { CallDialog } from "./call";
import { CollectDialog } from "./collect";
import { LinkDialog } from "./link";
import { ItemMenu } from "./menu";
import { QrDialog } from "./qr";
import type { Asked } from "./store";

/** The menu or dialog that was asked for. */
export default function Opened({ asked }: { asked: Asked }) {
  switch (asked.what) {
    case "menu":
      return <ItemMenu {...asked} />;
    case "collect":
      return <CollectDialog items={asked.items} />;
    case "call":
      return <CallDialog {...asked} />;
    case "link":
      return <LinkDialog target={asked.target} name={asked.name} />;
    case "qr":
      return <QrDialog address={asked.address} name={asked.name} />;
  }
}
