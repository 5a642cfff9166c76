import type { Metadata } from "next";
import Link from "next/link";
import { Reference } from "@/components/docs/reference.tsx";
import { GateMark } from "@/components/ui/gate-mark.tsx";
import { viewerPaths } from "@/lib/openapi/viewer-paths.ts";
import "./reference.css";

export const metadata: Metadata = {
  title: "API reference – LLM Gateway",
  description: "Every endpoint of this gateway, with a form to try it.",
};

export default function DocsPage() {
  return (
    <div className="mx-auto max-w-[1240px] px-5 md:px-8">
      <header className="flex h-[68px] items-center text-[15px] font-semibold tracking-[-0.02em]">
        <Link href="/" className="flex items-center gap-2.5">
          <GateMark />
          LLM Gateway
        </Link>
      </header>
      <main className="pb-12 md:pb-[72px]">
        <section className="py-8">
          <h1 className="text-[30px] leading-[1.12] font-[540] tracking-[-0.032em] md:text-[44px]">
            API reference
          </h1>
          <p className="mt-3 max-w-[62ch] text-[15px] text-ink-2">
            Made from the rules that requests are checked by. To try an operation, give your key under
            Authorize: it stays in this page, and is gone when you leave it. Tools read{" "}
            <a className="font-mono text-[13px] text-accent-text underline" href="/openapi.json">
              /openapi.json
            </a>
            .
          </p>
        </section>
        <Reference {...viewerPaths} />
      </main>
    </div>
  );
}
