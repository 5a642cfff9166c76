import { unknownPortalUrl } from "@/lib/admin/reply.ts";

/** What is not an endpoint of the public API gets its error shape too. */
export const GET = unknownPortalUrl;
export const POST = unknownPortalUrl;
export const PUT = unknownPortalUrl;
export const PATCH = unknownPortalUrl;
export const DELETE = unknownPortalUrl;
