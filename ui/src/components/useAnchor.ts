import { useEffect } from "react";
import { useLocation } from "wouter";

/** How long a page may take to draw what the address points to. */
const WAIT_MS_MAX = 5000;
const LOOK_MS = 100;

/** How long the place stays marked. */
const MARK_MS = 4000;

function decoded(hash: string): string {
  try {
    return decodeURIComponent(hash.slice(1));
  } catch {
    return hash.slice(1);
  }
}

/**
 * Scrolls to what the address's anchor names and marks it for a moment: a panel that an alert links to, a heading of a
 * runbook. The browser does so by itself only for what is there when the page loads.
 */
export function useAnchor(): void {
  const [path] = useLocation();
  const { hash } = window.location;
  useEffect(() => {
    const id = decoded(hash);
    if (id === "") return undefined;
    let waited = 0;
    let mark: ReturnType<typeof setTimeout> | undefined;
    const looking = setInterval(() => {
      const found = document.querySelector(`[id="${CSS.escape(id)}"]`);
      waited += LOOK_MS;
      if (found !== null || waited >= WAIT_MS_MAX) clearInterval(looking);
      if (found === null) return;
      const place = found.closest("section.card") ?? found;
      place.scrollIntoView({ block: place === found ? "start" : "center" });
      place.setAttribute("data-anchored", "");
      mark = setTimeout(() => place.removeAttribute("data-anchored"), MARK_MS);
    }, LOOK_MS);
    return () => {
      clearInterval(looking);
      clearTimeout(mark);
    };
  }, [path, hash]);
}
