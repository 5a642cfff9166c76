import { metricsResponse } from "@/lib/metrics/response.ts";
import { currentRuntime } from "@/lib/runtime.ts";

export const dynamic = "force-dynamic";

const answer = (request: Request): Promise<Response> => metricsResponse(request, currentRuntime());

export const GET = answer;
export const POST = answer;
export const PUT = answer;
export const PATCH = answer;
export const DELETE = answer;
