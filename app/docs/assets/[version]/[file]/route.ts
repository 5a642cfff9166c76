import { assetResponse } from "@/lib/openapi/viewer-assets.ts";

interface Context {
  params: Promise<{ version: string; file: string }>;
}

/** The viewer's own files, so that the page asks no other host for anything. */
export async function GET(_request: Request, { params }: Context): Promise<Response> {
  const { version, file } = await params;
  return assetResponse(version, file);
}
