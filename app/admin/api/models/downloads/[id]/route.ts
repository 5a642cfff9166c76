import { downloadAction } from "@/lib/admin/download-action.ts";
import { refuse } from "@/lib/admin/reply.ts";

export const DELETE = downloadAction("remove");

const others = refuse("DELETE");
export const GET = others;
export const POST = others;
export const PUT = others;
export const PATCH = others;
