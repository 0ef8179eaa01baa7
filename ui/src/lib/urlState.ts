import { useCallback } from "react";
import { useLocation, useSearch } from "wouter";

/** Parameters that say when, and travel with every link. */
export const TIME_PARAMS = ["from", "to", "refresh", "tz"];

/** Changes to parameters; an empty or undefined value removes one. */
export type Changes = Record<string, string | undefined>;

/** Applies changes to a query string. */
export function changedSearch(search: string, changes: Changes): string {
  const params = new URLSearchParams(search);
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined || value === "") params.delete(key);
    else params.set(key, value);
  }
  const text = params.toString();
  return text === "" ? "" : `?${text}`;
}

/** The part of a query string that travels with links to other pages. */
export function timeSearch(search: string, extra: Changes = {}): string {
  const params = new URLSearchParams(search);
  for (const key of Array.from(params.keys())) if (!TIME_PARAMS.includes(key)) params.delete(key);
  return changedSearch(params.toString(), extra);
}

/** The page's parameters and a way to change some of them; a push can be undone with Back, a replacement cannot. */
export function useUrlState(): [URLSearchParams, (changes: Changes, how: "push" | "replace") => void] {
  const search = useSearch();
  const [path, navigate] = useLocation();
  const change = useCallback(
    (changes: Changes, how: "push" | "replace") => {
      // The address bar is newer than the last render when two changes follow each other.
      navigate(path + changedSearch(window.location.search, changes), { replace: how === "replace" });
    },
    [navigate, path],
  );
  return [new URLSearchParams(search), change];
}
