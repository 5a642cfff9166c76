import { preflight, unknownUrl } from "@/lib/gateway/refusals.ts";

/** What is not an endpoint of `/v1` gets OpenAI's error shape too. */
export const GET = unknownUrl;
export const POST = unknownUrl;
export const PUT = unknownUrl;
export const PATCH = unknownUrl;
export const DELETE = unknownUrl;
export const OPTIONS = preflight;
