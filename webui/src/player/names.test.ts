import { describe, expect, it, vi } from "vitest";
import { channelsName, codecName, languageName, trackName } from "./names";

vi.stubGlobal("navigator", { language: "en", languages: ["en"] });

describe("trackName", () => {
  it("says language and title, each once", () => {
    expect(trackName({ language: "de", title: "Deutsch" }, "Track 1")).toBe("German – Deutsch");
    expect(trackName({ language: "en", title: "english" }, "Track 1")).toBe("English");
    expect(trackName({ language: "", title: "Commentary" }, "Track 1")).toBe("Commentary");
    expect(trackName({ language: "", title: "\u200b " }, "Track 1")).toBe("Track 1");
  });
  it("takes nothing that turns the direction of a text out of a title", () => {
    expect(trackName({ language: "", title: "\u202egnp.exe" }, "")).toBe("gnp.exe");
  });
});

it("leaves what it does not know as it is", () => {
  expect([languageName("zz-notatag-x!"), codecName("strange"), channelsName(4), channelsName(null)]).toEqual([
    "zz-notatag-x!",
    "STRANGE",
    "4",
    "",
  ]);
  expect([codecName("ac3"), codecName("pcm_s16le"), channelsName(6)]).toEqual(["AC-3", "PCM", "5.1"]);
});
