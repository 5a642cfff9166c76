import { describe, expect, it } from "vitest";
import { assetResponse } from "./viewer-assets.ts";
import { viewerFiles, viewerVersion } from "./viewer-paths.ts";

describe("assetResponse", () => {
  it.each([
    [viewerFiles.script, "text/javascript; charset=utf-8", "SwaggerUIBundle"],
    [viewerFiles.style, "text/css; charset=utf-8", ".swagger-ui"],
  ])("gives %s, to be kept for good", async (file, type, content) => {
    const answer = await assetResponse(viewerVersion, file);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe(type);
    expect(answer.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    expect(await answer.text()).toContain(content);
  });

  it.each([
    [viewerVersion, "package.json"],
    [viewerVersion, "../swagger-ui-dist/swagger-ui.css"],
    [viewerVersion, "__proto__"],
    ["0.0.0", viewerFiles.script],
  ])("has nothing else: %s %s", async (version, file) => {
    expect((await assetResponse(version, file)).status).toBe(404);
  });
});
