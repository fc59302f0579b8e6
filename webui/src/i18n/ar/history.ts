import type { Translation } from "@/i18n";
import type { history as english } from "@/i18n/en/history";

export const history: Translation<typeof english> = {
  views: "أقسام السجل",
  begun: "لم يكتمل",
  finished: "شوهد",
  begunWhat: "ما بدأته ولم تنهه، والأحدث أولًا.",
  finishedWhat: "ما شاهدته حتى نهايته، والأحدث أولًا.",
  noneBegun: "لم تشاهد شيئًا بعد",
  noneBegunWhy: "ما تبدأ مشاهدته ولا تنهيه يظهر هنا، وتكمله على أي جهاز.",
  noneFinished: "لم تُنهِ شيئًا بعد",
  noneFinishedWhy: "ما تشاهده حتى نهايته، أو تعلّمه كمشاهَد، يظهر هنا.",
};
