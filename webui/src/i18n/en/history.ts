export const history = {
  views: "Parts of the history",
  begun: "Not finished",
  finished: "Watched",
  begunWhat: "What you have begun and not finished, the latest first.",
  finishedWhat: "What you have watched to its end, the latest first.",
  noneBegun: "Nothing begun yet",
  noneBegunWhy: "What you begin to watch and do not finish is kept here, and goes on on any device.",
  noneFinished: "Nothing watched yet",
  noneFinishedWhy: "What you watch to its end, or mark as watched, is kept here.",
};
