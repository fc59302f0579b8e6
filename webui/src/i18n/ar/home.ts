import type { Translation } from "@/i18n";
import type { home as english } from "@/i18n/en/home";

export const home: Translation<typeof english> = {
  continue: "متابعة المشاهدة",
  continueMore: "بدأت أيضًا",
  left: (time) => `بقي ${time}`,
  resume: (time) => `استئناف من ${time}`,
  play: "تشغيل",
  details: "التفاصيل",
  newest: "أضيف حديثًا",
  newIn: (channel) => `جديد في ${channel}`,
  nextUp: "التالي",
  all: "عرض الكل",
  allOf: (name) => `عرض الكل: ${name}`,
  empty: "هذه المكتبة فارغة",
  emptyOwner: "أضف قناة: يجب أن يكون البوت مشرفًا فيها. ما يُنشر هناك يظهر هنا تلقائيًا.",
  emptyOthers: "على من يدير هذا الخادم أن يضيف قناة. ما يُنشر هناك يظهر هنا تلقائيًا.",
  addChannel: "أضف قناة",
  shared: "شُورك معك",
  sharedNothing: "لا شيء هنا",
  sharedNothingWhy: "ربما حُذف ما يفتحه هذا الرابط. اسأل من أرسله.",
};
