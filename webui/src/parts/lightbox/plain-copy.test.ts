import { expect, test } from "vitest";
import { copyName, copyType } from "./plain-copy";

test("the copy has the name of the picture and its own ending", () => {
  expect(copyName("Meadow, early.heic", "jpg")).toBe("Meadow, early.jpg");
  expect(copyName("photo", "jpg")).toBe("photo.jpg");
  expect(copyName(".jpg", "jpg")).toBe("photo.jpg");
});

test("what may be transparent stays so", () => {
  expect(copyType("image/jpeg").ending).toBe("jpg");
  expect(copyType("image/heic").ending).toBe("jpg");
  expect(copyType("image/png").ending).toBe("png");
  expect(copyType("image/webp").type).toBe("image/png");
});
