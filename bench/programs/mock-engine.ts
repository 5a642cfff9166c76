/** `node mock-engine.mjs PORT`: the mock engine as an OpenAI-compatible server. */
import { createMockEngine } from "../engine/server.ts";

const port = Number(process.argv[2]);
createMockEngine({ personality: "openai", model: "mock" }).listen(port, "127.0.0.1", 4096);
