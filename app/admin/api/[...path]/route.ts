import { unknownAdminUrl } from "@/lib/admin/reply.ts";

/** What is not an endpoint of the admin API gets its error shape too. */
export const GET = unknownAdminUrl;
export const POST = unknownAdminUrl;
export const PUT = unknownAdminUrl;
export const PATCH = unknownAdminUrl;
export const DELETE = unknownAdminUrl;
