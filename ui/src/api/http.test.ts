import { afterEach, expect, test, vi } from "vitest";
import { ApiError, errorMessage, fetchJson } from "./http";

afterEach(() => vi.unstubAllGlobals());

test("error bodies of all three APIs become one message", () => {
  expect(errorMessage('{"status":"error","errorType":"bad_data","error":"1:3: unexpected"}', 400)).toBe("1:3: unexpected");
  expect(errorMessage('{"message":"trace not found"}', 404)).toBe("trace not found");
  expect(errorMessage("parse error at line 1, col 2", 400)).toBe("parse error at line 1, col 2");
  expect(errorMessage("<html><body>nginx</body></html>", 502)).toBe("the server answered with status 502");
  expect(errorMessage("", 500)).toBe("the server answered with status 500");
});

test("a failed connection, a refusal and a broken body are told apart", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("failed to fetch")));
  await expect(fetchJson("/x")).rejects.toMatchObject({ status: 0, message: "the server cannot be reached" });
  vi.stubGlobal("fetch", () => Promise.resolve(new Response('{"error":"limit"}', { status: 429 })));
  await expect(fetchJson("/x")).rejects.toMatchObject({ status: 429, message: "limit" });
  vi.stubGlobal("fetch", () => Promise.resolve(new Response("nope", { status: 200 })));
  await expect(fetchJson("/x")).rejects.toBeInstanceOf(ApiError);
});
