import { expect, test } from "vitest";
import { documentLink, headingId } from "./markdown";

test("headings have ids that links can guess", () => {
  expect(headingId("What are the first four investigation steps?")).toBe("what-are-the-first-four-investigation-steps");
  expect(headingId("Größe & `disk`  usage")).toBe("größe-disk-usage");
});

test("links lead into the app, to a neighbour, or to the web, and nowhere else", () => {
  expect(documentLink("#resolve")).toEqual({ kind: "anchor", id: "resolve" });
  expect(documentLink("/logs?service=shop")).toEqual({ kind: "page", to: "/logs?service=shop" });
  expect(documentLink("ServiceDown.md")).toEqual({ kind: "page", to: "/runbooks/ServiceDown" });
  expect(documentLink("./ServiceDown.md#resolve")).toEqual({ kind: "page", to: "/runbooks/ServiceDown#resolve" });
  expect(documentLink("https://example.org/x")).toEqual({ kind: "site", url: "https://example.org/x" });
  for (const href of ["javascript:alert(1)", " JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "//evil.example", "../secrets", "file:///etc/passwd", ""]) expect(documentLink(href), href).toEqual({ kind: "none" });
});
