/** Routes that do one thing to one download. */
import { audit } from "./audit.ts";
import { downloadReply } from "./models-hub.ts";
import { adminRoute } from "./route.ts";
import { idParams } from "./schemas.ts";

/** A route handler that does the action to the download in the path, and keeps a line for the audit log. */
export function downloadAction(action: "pause" | "continue" | "retry" | "remove") {
  return adminRoute(
    async ({ params: { id }, services, actor }) => {
      const download = await services.downloads[action](id);
      const { name, status } = download;
      await audit(services, actor, `download.${action}`, `download:${id}`, { name, status });
      return Response.json(downloadReply(download));
    },
    { params: idParams },
  );
}
