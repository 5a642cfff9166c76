import { refuse } from "@/lib/admin/reply.ts";
import { slotAction } from "@/lib/admin/slot-action.ts";

export const POST = slotAction("restart", "restarted");

const others = refuse("POST");
export const GET = others;
export const PUT = others;
export const PATCH = others;
export const DELETE = others;
