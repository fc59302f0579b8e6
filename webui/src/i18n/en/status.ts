import { plural } from "@/i18n";

export const status = {
  offline: "You are offline. What is loaded stays here.",
  lost: (seconds: number) =>
    plural(seconds, {
      one: "Connection to the server lost, trying again in # second.",
      other: "Connection to the server lost, trying again in # seconds.",
    }),
  trying: "Connection to the server lost, trying again now.",
  tryNow: "Try now",
  database: "The database is away: lists may be missing or old. Films that are playing go on.",
  telegram: "Telegram is not connected: only what the server has kept can be played.",
  flood: "Telegram asks the server to wait: some films may start late.",
  floodUntil: (left: string) => `Telegram asks the server to wait ${left}: until then some films may start late.`,
  floodOver: "The wait that Telegram asked for is over.",
  dataCentre: "Some files cannot be read from Telegram just now. Others play as usual.",
  newVersion: "There is a new version of this page.",
  reload: "Reload",
};
