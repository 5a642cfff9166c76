/** Who comes in, and how the gateway is reached. */
import { z } from "zod";
import { count, dollars, section, webAddress } from "./values.ts";

export const proxyAddress = z.union(
  [z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()],
  "must be an IP address or a CIDR block",
);

export const tls = section({
  cert: z.string().min(1).describe("Path of the certificate chain (PEM)"),
  key: z.string().min(1).describe("Path of the private key (PEM)"),
});

export const signup = section({
  enabled: z.boolean().default(true).describe("Whether people can ask for an account"),
  start_balance: dollars.default(0).describe("Dollars that an approved sign-up starts with"),
});

export const smtp = section({
  host: z.string().min(1).describe("Mail server"),
  port: z.int().min(1).max(65_535).default(587).describe("Its port"),
  secure: z.boolean().default(false).describe("TLS from the first byte (port 465) instead of STARTTLS"),
  username: z.string().nullable().default(null).describe("For servers that ask for it"),
  password: z
    .string()
    .nullable()
    .default(null)
    .meta({ description: "For servers that ask for it", secret: true }),
  from: z.string().min(3).describe("The sender's address"),
});

export const oidc = section({
  issuer: webAddress.describe("Address of the identity provider"),
  client_id: z.string().min(1).describe("As registered there"),
  client_secret: z.string().min(1).meta({ description: "As registered there", secret: true }),
  name: z.string().min(1).default("Single sign-on").describe("What the sign-in button says"),
});

export const limits = section({
  body_mb: z.number().positive().max(4096).default(20).describe("The largest JSON request, in MB"),
  audio_mb: z.number().positive().max(4096).default(100).describe("The largest sound file, in MB"),
  image_pixels: count(1)
    .default(32_000_000)
    .describe("The largest image, in pixels: its width times its height"),
  remote_images: z
    .boolean()
    .default(false)
    .describe(
      "Fetch images that requests name by URL, from public addresses only; else such requests are refused",
    ),
});

export const queue = section({
  max_waiting: count().default(100).describe("Requests that may wait for a slot; more are refused with 503"),
  deadline_s: z.int().min(1).max(3600).default(60).describe("Seconds a request waits for its turn"),
});
