/** Hugging Face, or a mirror of it, as the rest of the program sees it. */
import type { SizeVerdict } from "../fit/quantizations.ts";

/** A repository as the search lists it. */
export interface HubModel {
  /** As `Qwen/Qwen2.5-3B-Instruct-GGUF`. */
  id: string;
  downloads: number;
  likes: number;
  /** Who may read it: everybody; everybody who accepts its terms; whom its owner lets in. */
  gated: false | "auto" | "manual";
  private: boolean;
  /** As `apache-2.0`. */
  license: string | null;
  /** Milliseconds since the epoch; null where the hub does not tell. */
  updatedMs: number | null;
  /** As `text-generation`. */
  task: string | null;
  /** What is worth showing of its tags. */
  tags: string[];
}

/** A file of a repository. */
export interface HubFile {
  /** In the repository, with `/` between the parts. */
  path: string;
  sizeBytes: number;
  /** In hexadecimal; null for a small file that is kept in git itself. */
  sha256: string | null;
}

export interface HubRepository extends HubModel {
  /** The commit that `files` are of. */
  revision: string;
  /** The GGUF files. */
  files: HubFile[];
}

/** A model that a repository offers: one file, or all parts of a split one. */
export interface HubEntry {
  /** Without `.gguf` and split suffix, with its folder in the repository. */
  name: string;
  /** As `Q4_K_M`. */
  quantization: string | null;
  /** The first part's; what a download names. */
  path: string;
  files: HubFile[];
  sizeBytes: number;
  /** Path of the projector that belongs to it. */
  projector: string | null;
  /** Parts that the repository lacks, from 1. */
  missingParts: number[];
}

export interface HubProjector extends HubFile {
  quantization: string | null;
  /** Names of the entries that it belongs to. */
  belongsTo: string[];
}

export interface HubListing {
  entries: HubEntry[];
  projectors: HubProjector[];
}

/** What this machine, as it is at this moment, says to models of a size. */
export interface SizeFit {
  /** @param sizeBytes of the weights, with the projector's */
  judge(sizeBytes: number): SizeVerdict;
  /** The best of a repository's models for this machine; null where none fits. */
  recommend<File extends { quantization: string | null; sizeBytes: number }>(
    files: readonly File[],
  ): { file: File; reason: string } | null;
}

/** Asks the hub named by `hub_url`. What goes wrong is a GatewayError that says what to do. */
export interface Hub {
  /** Looks at the machine. Null where nobody can tell. */
  sizeFit(): Promise<SizeFit | null>;
  /** Repositories with GGUF files, the most downloaded first. */
  search(query: string, limit: number): Promise<HubModel[]>;
  /** @param revision branch, tag or commit; `main` if absent */
  repository(repoId: string, revision?: string): Promise<HubRepository>;
}
