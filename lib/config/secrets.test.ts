import { describe, expect, it } from "vitest";
import { configOutline, entriesOf, namedKeys, type Outline, outlineOf, restartFor } from "./outline.ts";
import { maskSecret, maskSecrets, restoreSecrets } from "./secrets.ts";

const adminKey = `sk-abcd${"0".repeat(44)}`;
const config = {
  admin_key: adminKey,
  session_secret: "s".repeat(64),
  hf_token: null,
  smtp: { host: "mail", from: "a@b.c", password: "sk-short" },
  oidc: { issuer: "https://id.example", client_id: "x", client_secret: "very secret" },
  slots: {
    4801: { remote: { base_url: "http://a", model: "m", api_key: `key-${"1".repeat(30)}` } },
    4802: null,
    4803: { model_path: "m.gguf" },
  },
};

/** Every path of the schema, with what it says there. */
function* paths(section: Outline, prefix: string[] = []): Generator<[string, Outline]> {
  for (const key of namedKeys(section)) {
    const outline = outlineOf(section, key);
    yield [[...prefix, key].join("."), outline];
    yield* paths(outline, [...prefix, key]);
  }
  const entries = entriesOf(section);
  if (entries) yield* paths(entries, [...prefix, "*"]);
}

describe("masking", () => {
  it("hides every secret, wherever it stands, and nothing else", () => {
    const masked = JSON.stringify(maskSecrets(config));
    for (const secret of ["0000", "ssss", "sk-short", "very secret", "1111"])
      expect(masked).not.toContain(secret);
    expect(maskSecrets(config)).toMatchObject({
      admin_key: "sk-abcd…(masked)",
      session_secret: "…(masked)",
      hf_token: null,
      smtp: { host: "mail", password: "…(masked)" },
      slots: { 4801: { remote: { base_url: "http://a", api_key: "key-111…(masked)" } }, 4802: null },
    });
  });

  it("covers every key of the schema that sounds like a secret", () => {
    const secrets = [...paths(configOutline)]
      .filter(([, outline]) => outline.secret === true)
      .map(([path]) => path);
    const suspicious = [...paths(configOutline)]
      .map(([path]) => path)
      .filter((path) => /key|secret|token|password/.test(path.split(".").at(-1) ?? ""))
      .filter((path) => path !== "tls.key" && !/tokens/.test(path));
    expect(secrets.toSorted()).toEqual(suspicious.toSorted());
    expect(secrets).toContain("slots.*.remote.api_key");
  });

  it("brings back what was masked, and keeps what was changed", () => {
    expect(restoreSecrets(maskSecrets(config), config)).toEqual(config);
    const masked = { admin_key: maskSecret(adminKey), hf_token: "hf_new", metrics_token: "…(masked)" };
    expect(restoreSecrets(masked, config)).toEqual({ admin_key: adminKey, hf_token: "hf_new" });
  });
});

describe("restartFor", () => {
  it.each([
    ["performance.batch_size", "slot"],
    ["models.some-model.ctx_size", "slot"],
    ["models.some-model.pricing.input_per_1k", null],
    ["models.some-model.pinned", null],
    ["tls.cert", "gateway"],
    ["pricing.input_per_1k", null],
    ["slots.4801.ctx_size", null],
    ["unknown.key", null],
  ])("%s: %s", (path, restart) => {
    expect(restartFor(path.split("."))).toBe(restart);
  });
});
