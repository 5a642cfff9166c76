import { bodies } from "./bodies.ts";
import type { HostileCase } from "./case.ts";
import { media } from "./media.ts";
import { messages } from "./messages.ts";
import { parameters } from "./parameters.ts";
import { schemas } from "./schemas.ts";

/** Every hostile request by class, for `/v1/chat/completions` of tiny-text and tiny-omni. */
export const hostileCases: Record<string, HostileCase[]> = { schemas, parameters, messages, media, bodies };
