// One thing sounds at a time: who begins stops who sounded before, as music stops when a film starts. Pure.

type Stop = () => void;

let sounding: Stop | null = null;

/** To be called whenever something begins to sound: `stop` is called once something else begins. Returns the release. */
export function beginSounding(stop: Stop): () => void {
  if (sounding && sounding !== stop) sounding();
  sounding = stop;
  return () => {
    if (sounding === stop) sounding = null;
  };
}
