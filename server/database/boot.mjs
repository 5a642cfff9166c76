/** Starts the worker from its TypeScript source. On Node 20 a worker does not take over `--import tsx`. */
import { register } from "tsx/esm/api";

register();
await import("./worker.ts");
