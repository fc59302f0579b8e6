import { useQuery } from "@tanstack/react-query";
import { QrPicture } from "./qr";

const QUIET = 4; // squares around the code that scanners want

/** The dark squares of a QR code of some text, in a view box of `size`. The maker of codes is loaded when it is needed. */
export async function qrOf(text: string): Promise<{ size: number; path: string }> {
  const { default: maker } = await import("qrcode-generator");
  const code = maker(0, "M");
  code.addData(text);
  code.make();
  const count = code.getModuleCount();
  const rows = Array.from({ length: count }, (_, row) =>
    Array.from({ length: count }, (_, column) =>
      code.isDark(row, column) ? `M${column + QUIET} ${row + QUIET}h1v1h-1z` : "",
    ).join(""),
  );
  return { size: count + 2 * QUIET, path: rows.join("") };
}

/** A QR code, dark on white in both themes, as scanners want it. */
export function QrCode({ text, label, className = "" }: { text: string; label: string; className?: string }) {
  const code = useQuery({
    queryKey: ["qr", text],
    queryFn: () => qrOf(text),
    staleTime: Number.POSITIVE_INFINITY,
  }).data;
  return <QrPicture size={code?.size ?? 1} path={code?.path ?? ""} label={label} className={className} />;
}
