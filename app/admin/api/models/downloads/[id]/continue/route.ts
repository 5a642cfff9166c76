import { downloadAction } from "@/lib/admin/download-action.ts";
import { refuse } from "@/lib/admin/reply.ts";

export const POST = downloadAction("continue");

const others = refuse("POST");
export const GET = others;
export const PUT = others;
export const PATCH = others;
export const DELETE = others;
