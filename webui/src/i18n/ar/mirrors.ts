import { count, plural, type Translation } from "@/i18n";
import type { mirrors as english } from "@/i18n/en/mirrors";

const messages = (value: number) =>
  plural(value, {
    zero: "لا رسائل",
    one: "رسالة واحدة",
    two: "رسالتان",
    few: "# رسائل",
    many: "# رسالة",
    other: "# رسالة",
  });

export const mirrors: Translation<typeof english> = {
  list: "النسخ المطابقة",
  lead: "قنوات تبقى نسخًا من قنوات أخرى. إن ضاعت قناة استمر تشغيل ملفاتها من النسخة.",
  none: "لا قناة تُنسخ بعد. سمّ قناتين أدناه: يقرأ البوت الأولى وينشر في الثانية.",
  pair: (source, target) => `${source} إلى ${target}`,
  to: "إلى",

  queued: "تبدأ قريبًا",
  copying: "تُنسخ",
  following: "محدَّثة",
  waiting: "تنتظر",
  asking: "تسألك",
  failed: "توقفت",
  done: "تمت",
  copied: (value) => `نُسخت ${messages(value)}`,
  behind: (value) => `بقي ${count(value)}`,
  since: (time) => `أقدمها منذ ${time}`,
  next: "المحاولة التالية",
  leftOut: (value) => `تُركت ${messages(value)}`,
  reason: (times, why) => `${count(times)} × ${why}`,

  remove: "أزل",
  removeOf: (pair) => `أزل النسخة المطابقة ${pair}`,
  removeTitle: (pair) => `إزالة النسخة المطابقة ${pair}؟`,
  removeWhy: "لا يُنسخ شيء بعد ذلك. وما نُسخ يبقى في مكانه.",
  deleteCopies: "احذف النسخ",
  deleteCopiesOf: (pair) => `احذف النسخ، ${pair}`,
  deleteTitle: (value) =>
    plural(value, {
      one: "حذف نسخة واحدة؟",
      two: "حذف نسختين؟",
      few: "حذف # نسخ؟",
      many: "حذف # نسخة؟",
      other: "حذف # نسخة؟",
    }),
  deleteWhy: "حُذفت رسائلها في المصدر. تبقى النسخة الوحيدة من أي ملف على كل حال. لا رجوع عن هذا.",
  keepCopies: "أبقها",
  keepCopiesOf: (pair) => `أبق النسخ، ${pair}`,

  add: "انسخ قناة",
  addLead: "يجب أن يكون البوت في القناتين، وأن يكون في الثانية مشرفًا يمكنه النشر.",
  source: "انسخ من",
  target: "انسخ إلى",
  deletions: "احذف النسخ عند حذف رسائلها. وينتظر الحذف الكثير دفعة واحدة كلمتك.",
  once: "ما هو موجود الآن فقط",
  start: "ابدأ",
  started: "أُنشئت النسخة المطابقة.",
  wrong: "سمّ القناتين: @name أو رابط القناة أو رقم يبدأ بـ ‎-100.",
};
