import { audit } from "@/lib/admin/audit.ts";
import { backupReply } from "@/lib/admin/backups.ts";
import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";

export const POST = adminRoute(async ({ services, actor }) => {
  const backup = await services.backups.create();
  await audit(services, actor, "backup.create", `backup:${backup.name}`, { size_bytes: backup.sizeBytes });
  return Response.json(backupReply(backup));
});

const others = refuse("POST");
export const GET = others;
export const PUT = others;
export const PATCH = others;
export const DELETE = others;
