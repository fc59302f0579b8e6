import { plural, type Translation } from "@/i18n";
import type { documents as english } from "@/i18n/en/documents";

const rows = { one: "صف واحد", two: "صفّان", few: "# صفوف", many: "# صفًّا", other: "# صف" };

export const documents: Translation<typeof english> = {
  none: "لا مستندات بعد",
  noneWhy: "الملفات التي تُنشر في قناة من قنوات هذا الخادم، وليست أفلامًا ولا موسيقى ولا صورًا، تظهر هنا تلقائيًا.",
  pdf: "PDF",
  text: "نص",
  markdown: "نص بعناوين",
  json: "JSON",
  table: "جدول",
  subtitles: "ترجمة",
  picture: "صورة",
  archive: "أرشيف",
  book: "كتاب",
  office: "مستند مكتبي",
  other: "ملف",
  reader: (name) => `مستند: ${name}`,
  close: "إغلاق",
  details: "التفاصيل",
  download: "تنزيل",
  downloadSize: (size) => `تنزيل، ${size}`,
  open: "افتح في علامة تبويب جديدة",
  notShown: "لا يمكن عرض هذا النوع من الملفات هنا. نزّله لفتحه على جهازك.",
  noViewer: "لا عارض PDF في هذا المتصفح. افتحه في علامة تبويب جديدة أو نزّله.",
  tooLarge: "ملف PDF هذا كبير على صفحة من عنوان آخر. نزّله لقراءته.",
  binary: "هذا ليس نصًّا وإن سُمّي كذلك. نزّله لفتحه في برنامج آخر.",
  empty: "هذا الملف فارغ.",
  loading: "يجري تحميل المستند",
  part: (shown, whole) => `يُعرض أول ${shown} من ${whole}.`,
  showMore: "أظهر المزيد",
  most: "الباقي كثير على صفحة. نزّل الملف لقراءته كله.",
  moreRows: (value) => `أظهر ${plural(value, rows)} أخرى`,
  tableOf: (name) => `جدول ${name}`,
  textOf: (name) => `نص ${name}`,
};
