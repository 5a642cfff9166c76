/** What this machine has for models at this moment. `server/machine` reads it. */

export interface Gpu {
  vendor: "nvidia" | "amd" | "apple";
  /** Its place among the vendor's GPUs. */
  index: number;
  name: string;
  totalBytes: number;
  freeBytes: number;
  /** It has no memory of its own but uses the machine's: what it takes is missing there. */
  unified: boolean;
  busyPercent: number | null;
  temperatureC: number | null;
  powerW: number | null;
}

/** What llama.cpp computes with where there is no GPU: it copies weights into a form that suits these instructions. */
export type Processor = "amx" | "avx512" | "avx2" | "arm" | "other";

export interface Machine {
  /** Of the memory that this program may use: a container's limit where there is one. */
  totalBytes: number;
  /** What can be had without swapping; memory that only caches files counts as available. */
  availableBytes: number;
  gpus: readonly Gpu[];
  processor: Processor;
  /** How much of its memory a program may keep from being given up (mlock); infinite where nothing limits it. */
  lockableBytes: number;
}

export interface MachineReader {
  /**
   * At most a few seconds old. Never fails: what cannot be read is left out.
   * @param options `fresh`: memory as it is at this moment, as after an engine was ended
   */
  read(options?: { fresh?: boolean }): Promise<Machine>;
}
