/** What uploads that run will still write to the disk of the models: downloads leave room for it. */

export interface UploadUnderWay {
  /** So many bytes of it are on the disk. */
  arrived(bytes: number): void;
  end(): void;
}

/** One per process: it lives in the runtime. */
export class UploadsUnderWay {
  readonly #missing = new Set<{ bytes: number }>();

  /** Call `end` whatever becomes of it. */
  begin(sizeBytes: number): UploadUnderWay {
    const missing = { bytes: sizeBytes };
    this.#missing.add(missing);
    return {
      arrived: (bytes) => {
        missing.bytes = Math.max(0, sizeBytes - bytes);
      },
      end: () => void this.#missing.delete(missing),
    };
  }

  get missingBytes(): number {
    return [...this.#missing].reduce((sum, { bytes }) => sum + bytes, 0);
  }
}
