import { plural, type Translation } from "@/i18n";
import type { palette as english } from "@/i18n/en/palette";

const files = { zero: "لا ملفات", one: "ملف واحد", two: "ملفان", few: "# ملفات", many: "# ملفًا", other: "# ملف" };
const results = {
  zero: "لا نتائج",
  one: "نتيجة واحدة",
  two: "نتيجتان",
  few: "# نتائج",
  many: "# نتيجة",
  other: "# نتيجة",
};

export const palette: Translation<typeof english> = {
  title: "البحث والانتقال",
  placeholder: "ابحث عن أفلام وموسيقى وقنوات وصفحات…",
  films: "أفلام ومسلسلات",
  music: "موسيقى",
  files: "ملفات",
  collections: "مجموعات",
  channels: "قنوات",
  pages: "الانتقال إلى",
  actions: "أوامر",
  recent: "عمليات بحث سابقة",
  forget: "نسيان عمليات البحث السابقة",
  all: (text) => `كل نتائج «${text}»`,
  none: (text) => `لا شيء في اسمه «${text}».`,
  noneHint: "جرّب كلمات أقل أو أخرى، أو سنة، أو الاسم بخط آخر.",
  corrected: (text) => `لا ملف فيه هذه الكلمات. نتائج «${text}»:`,
  found: (count) => plural(count, results),
  searching: "جارٍ البحث…",
  failed: "الخادم لا يجيب. ما هو على هذا الجهاز لا يزال يُعثر عليه.",
  series: "مسلسل",
  film: "فيلم",
  count: (count) => plural(count, files),
  dark: "استخدام المظهر الداكن",
  light: "استخدام المظهر الفاتح",
  auto: "استخدام مظهر هذا الجهاز",
  language: (name) => `تغيير اللغة إلى ${name}`,
  logOut: "تسجيل الخروج",
  hintOpen: "يفتح",
  hintPlay: "يشغّل",
  hintMove: "اختيار",
  shift: "Shift",
  close: "إغلاق البحث",
  open: "البحث والانتقال",
};
