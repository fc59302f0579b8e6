import { useSyncExternalStore } from "react";
import type { Engine } from "@/player/engine";
import { FIRST, type PlayerState } from "@/player/state";

const nothing = () => () => {};

/** A part of what the player knows, also before there is one. */
export function useEngineState<P>(engine: Engine | null, part: (state: PlayerState) => P): P {
  return useSyncExternalStore(engine?.store.subscribe ?? nothing, () => part(engine?.store.get() ?? FIRST));
}
