import { audit } from "@/lib/admin/audit.ts";
import { backupDownload, backupParams } from "@/lib/admin/backups.ts";
import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";

/** It holds every key of the configuration, so whoever takes it stands in the audit log. */
export const GET = adminRoute(
  async ({ params, services, actor }) => {
    const backup = await services.backups.find(params.name);
    await audit(services, actor, "backup.download", `backup:${backup.name}`);
    return backupDownload(backup);
  },
  { params: backupParams },
);

export const DELETE = adminRoute(
  async ({ params, services, actor }) => {
    await services.backups.remove(params.name);
    await audit(services, actor, "backup.delete", `backup:${params.name}`);
    return Response.json({ name: params.name, deleted: true });
  },
  { params: backupParams },
);

const others = refuse("GET, DELETE");
export const POST = others;
export const PUT = others;
export const PATCH = others;
