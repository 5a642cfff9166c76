/** What a call of a changing operation looks like. */
import type { CallOptions } from "../call.ts";
import type { ModelFilesRig } from "../model-files.ts";
import type { AdminServices } from "../services.ts";

/** What the call carries. */
export type SuccessfulCall = Pick<CallOptions, "params" | "body" | "bytes" | "query" | "headers">;

/** Services that know the files in their models folder, and a way to put some there. */
export type DiskServices = AdminServices & Pick<ModelFilesRig, "place">;

/** By the names of the operations. Each sets up what its call needs, and says what to send. */
export type SuccessfulCalls<Services = AdminServices> = Readonly<
  Record<string, (services: Services) => SuccessfulCall | Promise<SuccessfulCall>>
>;

let next = 1;

/** Another name at each call, as `audited-5`. */
export const newName = () => `audited-${next++}`;
