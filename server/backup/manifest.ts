/** What a backup says of itself: the first file in it. */
import { z } from "zod";
import packageManifest from "../../package.json" with { type: "json" };

export const manifestName = "manifest.json";

/** The files of a backup, by their names in it and in the data folder. */
export const partNames = ["config.json", "gateway.db"] as const;
export type PartName = (typeof partNames)[number];

const part = z.object({
  name: z.enum(partNames),
  size_bytes: z.int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

export const manifestSchema = z.object({
  format: z.literal("llm-gateway-backup"),
  /** Raised when an older version could not read it. */
  format_version: z.literal(1),
  /** Of the gateway that wrote it: for people. */
  version: z.string(),
  created_at: z.iso.datetime(),
  parts: z
    .array(part)
    .refine(
      (parts) => partNames.every((name) => parts.filter((one) => one.name === name).length === 1),
      `must have ${partNames.join(" and ")}, each once`,
    ),
});

export type Manifest = z.infer<typeof manifestSchema>;
export type Part = z.infer<typeof part>;

export function newManifest(parts: Part[], nowMs: number): Manifest {
  return {
    format: "llm-gateway-backup",
    format_version: 1,
    version: packageManifest.version,
    created_at: new Date(nowMs).toISOString(),
    parts,
  };
}
