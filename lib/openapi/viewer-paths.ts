/** Where `/docs` finds the files of Swagger UI. */
import manifest from "swagger-ui-dist/package.json" with { type: "json" };

export const viewerVersion = manifest.version;

/** The only files of its package that are served. */
export const viewerFiles = { script: "swagger-ui-bundle.js", style: "swagger-ui.css" } as const;

export const viewerPaths = {
  script: `/docs/assets/${viewerVersion}/${viewerFiles.script}`,
  style: `/docs/assets/${viewerVersion}/${viewerFiles.style}`,
} as const;
