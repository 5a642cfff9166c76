/** Sizes that people read. */
export const bytesPerMegabyte = 1024 ** 2;
export const bytesPerGigabyte = 1024 ** 3;
