import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call } from "@/lib/admin/testing/call.ts";
import { type AdminServices, openServices } from "@/lib/admin/testing/services.ts";
import { localModel } from "@/lib/models/testing/local-model.ts";
import { localModelsAnswer } from "@/lib/openapi/answers/model-files.ts";
import { GET } from "./route.ts";

let services: AdminServices;
beforeAll(async () => {
  services = await openServices();
});
afterAll(() => services.close());

describe("GET models/local", () => {
  it("200: files with their facts", async () => {
    services.slots.local.push(
      localModel("Qwen-7B", {
        title: "Qwen 7B Instruct",
        license: "apache-2.0",
        sizeBytes: 4_500_000_000,
        modifiedS: 1_700_000_000,
        type: "vision",
        typeReason: "Its projector sees images.",
        quantization: "Q4_K_M",
        chatTemplate: { tools: true, thinking: false },
        mmprojPath: "mmproj-Qwen-7B.gguf",
        mmprojSizeBytes: 1_048_576,
        vision: true,
      }),
      localModel("broken", { error: "It is cut short." }),
    );
    const { status, json } = await call<{ models: object[] }>(GET, "GET");
    expect(status).toBe(200);
    expect(localModelsAnswer.strict().safeParse(json).error).toBeUndefined();
    expect(json.models).toMatchObject([
      {
        name: "Qwen-7B",
        path: "Qwen-7B.gguf",
        files: ["Qwen-7B.gguf"],
        title: "Qwen 7B Instruct",
        license: "apache-2.0",
        size_mb: 4291.5,
        size_gb: 4.19,
        modified: "2023-11-14T22:13:20.000Z",
        detected_type: "vision",
        type_reason: "Its projector sees images.",
        chat_template: { tools: true, thinking: false },
        mmproj: "mmproj-Qwen-7B.gguf",
        mmproj_size_mb: 1,
        vision: true,
        audio: false,
      },
      { name: "broken", error: "It is cut short." },
    ]);
    expect(json.models[0]).not.toHaveProperty("error");
  });
});
