import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isGatewayError } from "../errors.ts";
import { parseForm } from "./parse.ts";
import { writeForm } from "./write.ts";

const type = "multipart/form-data; boundary=XX";
const part = (head: string, body: string) => `--XX\r\n${head}\r\n\r\n${body}\r\n`;
const field = (name: string, value: string) => part(`Content-Disposition: form-data; name="${name}"`, value);

function refusal(body: string | Buffer, contentType = type): string {
  try {
    parseForm(Buffer.from(body), contentType);
  } catch (error) {
    if (isGatewayError(error) && error.status === 400) return error.message;
    throw error;
  }
  return "";
}

/** What the platform writes for a form. */
async function written(form: FormData): Promise<{ body: Buffer; contentType: string }> {
  const response = new Response(form);
  const body = Buffer.from(await response.arrayBuffer());
  return { body, contentType: response.headers.get("content-type") ?? "" };
}

describe("parseForm", () => {
  it("reads what the platform writes, byte for byte", async () => {
    const bytes = fc.uint8Array({ maxLength: 300 });
    const text = fc.string({ maxLength: 50 }).map((value) => value.replace(/\r\n?|\n/g, "\r\n"));
    await fc.assert(
      fc.asyncProperty(fc.array(text, { maxLength: 5 }), bytes, async (values, file) => {
        const form = new FormData();
        for (const value of values) form.append("prompt", value);
        form.append("file", new Blob([new Uint8Array(file)]), "a.wav");
        const { body, contentType } = await written(form);
        const parts = parseForm(body, contentType);
        expect(parts.slice(0, -1).map((one) => one.bytes.toString())).toEqual(
          values.map((value) => Buffer.from(value).toString()),
        );
        expect(parts.at(-1)).toMatchObject({ name: "file", filename: "a.wav" });
        expect(parts.at(-1)?.bytes.equals(file)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it("reads what the standard allows besides: a preamble, blanks, plain names, an end without a line", () => {
    const body = `preamble\r\n--XX \t\r\nContent-Type: text/plain\r\ncontent-disposition: form-data; name=model\r\n\r\nx\r\n--XX--`;
    expect(parseForm(Buffer.from(body), 'multipart/form-data; charset=x; boundary="XX"')).toMatchObject([
      { name: "model", filename: null },
    ]);
  });

  it("does not take a boundary for one that stands within a line", () => {
    const [only] = parseForm(Buffer.from(`${field("a", "x--XXy--XX--")}--XX--\r\n`), type);
    expect(only?.bytes.toString()).toBe("x--XXy--XX--");
  });

  it.each([
    ["nothing", "", /no boundary/],
    ["another boundary", `--YY\r\n`, /no boundary/],
    ["no end", field("a", "x"), /ends within|does not end/],
    ["an end within a part", `--XX\r\nContent-Disposition: form-data; name="a"\r\n\r\nx`, /ends within/],
    ["no head", "--XX\r\nx\r\n--XX--", /no head/],
    ["no name", `${part("Content-Disposition: form-data", "x")}--XX--`, /no name/],
    ["a boundary amid a line", "--XXy\r\n", /does not end its line/],
    ["65 parts", `${field("a", "x").repeat(65)}--XX--`, /more than 64 parts/],
    [
      "a head of 9 KB",
      `${part(`X: ${"y".repeat(9000)}\r\nContent-Disposition: form-data; name="a"`, "x")}--XX--`,
      /no head/,
    ],
  ])("refuses a body with %s", (_what, body, message) => {
    expect(refusal(body)).toMatch(message);
  });

  it("refuses a type without a boundary", () => {
    expect(refusal("--XX--", "multipart/form-data")).toMatch(/names no boundary/);
  });

  it("reads or refuses every body that was cut or changed", () => {
    const whole = Buffer.from(`${field("a", "x")}${field("b", "y")}--XX--\r\n`);
    fc.assert(
      fc.property(fc.nat(whole.length), fc.nat(whole.length - 1), fc.nat(255), (length, at, value) => {
        const body = Buffer.from(whole.subarray(0, length));
        if (at < length) body[at] = value;
        refusal(body);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("writeForm", () => {
  it("is read by the platform as it was meant, and leaves out what is undefined", async () => {
    const bytes = Buffer.from([0, 13, 10, 45, 45, 255]);
    const fields = [
      ["model", "größer"],
      ["prompt", undefined],
      ["x[]", "1"],
      ["x[]", "2\r\n--"],
    ] as const;
    const { contentType, pieces } = writeForm(fields, {
      name: "file",
      filename: "sound.wav",
      pieces: [bytes.subarray(0, 2), bytes.subarray(2)],
    });
    const body = new Uint8Array(Buffer.concat(pieces));
    const form = await new Response(body, { headers: { "content-type": contentType } }).formData();
    expect([...form.keys()]).toEqual(["model", "x[]", "x[]", "file"]);
    expect(form.getAll("x[]")).toEqual(["1", "2\r\n--"]);
    expect(form.get("model")).toBe("größer");
    expect(Buffer.from(await (form.get("file") as File).arrayBuffer())).toEqual(bytes);
  });

  it("never uses a boundary twice, so that no value can hold it", () => {
    const file = { name: "file", filename: "sound.wav", pieces: [] };
    const types = Array.from({ length: 50 }, () => writeForm([], file).contentType);
    expect(new Set(types).size).toBe(50);
  });
});
