/** The id of a heading, as links within and between runbooks name it. */
export function headingId(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s-]/gu, "")
    .trim()
    .replaceAll(/\s+/g, "-");
}

/** What a link of a runbook leads to. */
export type DocumentLink = { kind: "anchor"; id: string } | { kind: "page"; to: string } | { kind: "site"; url: string } | { kind: "none" };

/** Reads a link: other runbooks lie beside this one, pages of the app begin with a slash, and only the web is outside. */
export function documentLink(href: string): DocumentLink {
  const text = href.trim();
  if (text.startsWith("#")) return { kind: "anchor", id: text.slice(1) };
  if (/^\/(?!\/)/.test(text)) return { kind: "page", to: text };
  if (/^https?:\/\//i.test(text)) return { kind: "site", url: text };
  const beside = /^(?:\.\/)?([\w-]+)(?:\.md)?(#[\w-]+)?$/.exec(text);
  if (beside !== null) return { kind: "page", to: `/runbooks/${beside[1]}${beside[2] ?? ""}` };
  return { kind: "none" };
}
