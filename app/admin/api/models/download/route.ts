import { audit } from "@/lib/admin/audit.ts";
import { downloadOrder, downloadReply } from "@/lib/admin/models-hub.ts";
import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";
import { downloadBody } from "@/lib/admin/schemas/models-hub.ts";

/** 200 where the files are here already; else 202, and the download goes on by itself. */
export const POST = adminRoute(
  async ({ body, services, actor }) => {
    const download = await services.downloads.add(downloadOrder(body));
    const { id, repoId, revision, url, status } = download;
    const files = download.files.map((file) => file.path);
    await audit(services, actor, "download.add", `download:${id}`, { repoId, revision, url, files });
    return Response.json(downloadReply(download), { status: status === "done" ? 200 : 202 });
  },
  { body: downloadBody },
);

const others = refuse("POST");
export const GET = others;
export const PUT = others;
export const PATCH = others;
export const DELETE = others;
