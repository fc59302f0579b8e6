// A copy of a picture that holds nothing but pixels: no camera, no place, no time, no thumbnail from before a crop.

const MOST_PIXELS = 120_000_000; // more makes the canvases of phones fail
const QUALITY = 0.92;

/** The name of the copy: the same, with the ending of what it is. */
export const copyName = (name: string, ending: string) =>
  `${name.replace(/\.[A-Za-z0-9]{1,5}$/, "") || "photo"}.${ending}`;

/** Types that may have holes to see through stay in a type that has them; all else becomes JPEG. */
export const copyType = (type: string): { type: string; ending: string } =>
  /^image\/(png|webp|gif|avif)$/.test(type)
    ? { type: "image/png", ending: "png" }
    : { type: "image/jpeg", ending: "jpg" };

/** Draws the picture anew, upright as its EXIF says. Throws where it cannot be read or drawn. */
export async function plainCopy(url: string): Promise<{ blob: Blob; ending: string }> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`the picture was answered with ${answer.status}`);
  const source = await answer.blob();
  const picture = await createImageBitmap(source);
  try {
    if (picture.width * picture.height > MOST_PIXELS) throw new RangeError("the picture is too large");
    const canvas = document.createElement("canvas");
    canvas.width = picture.width;
    canvas.height = picture.height;
    canvas.getContext("2d")?.drawImage(picture, 0, 0);
    const { type, ending } = copyType(source.type);
    const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, type, QUALITY));
    if (!blob) throw new Error("the picture could not be written");
    return { blob, ending };
  } finally {
    picture.close();
  }
}

/** Hands a file to the browser's downloads. */
export function save(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
