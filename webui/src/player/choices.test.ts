import { expect, it } from "vitest";
import { parsed } from "./choices";

it("reads what was kept, and takes the first value for what is missing or wrong", () => {
  expect(parsed('{"volume":0.4,"audio":"de","muted":"yes","evil":1}')).toMatchObject({
    volume: 0.4,
    audio: "de",
    muted: false,
  });
  expect(parsed('{"evil":1}')).not.toHaveProperty("evil");
  for (const broken of [null, "", "[", "7", "null"])
    expect(parsed(broken)).toMatchObject({ volume: 1, size: 1, autoplay: true });
});

it("keeps volume and size within bounds", () => {
  expect(parsed('{"volume":7,"size":90}')).toMatchObject({ volume: 1, size: 2 });
  expect(parsed('{"volume":-1,"size":0}')).toMatchObject({ volume: 0, size: 0.75 });
});
