import { texts } from "@/i18n";
import { item as english } from "@/i18n/en/item";
import { Dialog } from "../dialog";
import { QrCode } from "../qr-code";
import { ask, backTo } from "./store";

const t = texts("item", english);

/** The address of a page as a QR code, to go on with it on a phone. */
export function QrDialog({ address, name }: { address: string; name: string }) {
  return (
    <Dialog title={t.qrTitle(name)} close={() => ask(null)} back={backTo}>
      <p className="pb-4 text-muted">{t.qrIntro}</p>
      <QrCode text={address} label={t.qrOf} className="mx-auto w-full max-w-72" />
      <p dir="ltr" className="pt-4 text-center text-sm text-muted wrap-anywhere">
        {address}
      </p>
    </Dialog>
  );
}
