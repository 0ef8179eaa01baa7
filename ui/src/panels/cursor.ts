import { useSyncExternalStore } from "react";

/** Where the crosshair of one chart is; `index` is null when it is away. */
export interface CursorState {
  index: number | null;
  left: number;
  top: number;
  /** The line nearest to the pointer, or none. */
  nearest: number | null;
}

const AWAY: CursorState = { index: null, left: 0, top: 0, nearest: null };

/** Holds a chart's crosshair outside React's state, so that moving it re-renders the legend and the tooltip alone. */
export class CursorStore {
  #state = AWAY;
  readonly #listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly get = () => this.#state;

  /** Tells the listeners when anything changed. */
  set(next: CursorState): void {
    const now = this.#state;
    if (now.index === next.index && now.left === next.left && now.top === next.top && now.nearest === next.nearest) return;
    this.#state = next;
    for (const listener of this.#listeners) listener();
  }
}

/** The crosshair of a store, kept current. */
export function useCursor(store: CursorStore): CursorState {
  return useSyncExternalStore(store.subscribe, store.get);
}
