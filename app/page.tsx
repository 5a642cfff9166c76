import { headers } from "next/headers";
import { FirstRequest } from "@/components/landing/first-request.tsx";
import { SlotList } from "@/components/landing/slot-list.tsx";
import { GateMark } from "@/components/ui/gate-mark.tsx";
import { isGatewayError } from "@/lib/errors.ts";
import { runtime } from "@/lib/runtime.ts";
import type { SlotSnapshot } from "@/lib/slots/types.ts";

/** What runs now, never what ran when the page was built. */
export const dynamic = "force-dynamic";

/** The seven slots; none while the server is still building its services. */
async function currentSlots(): Promise<SlotSnapshot[]> {
  try {
    return await runtime().slots.snapshot();
  } catch (error) {
    if (isGatewayError(error)) return [];
    throw error;
  }
}

/** The address that this visitor used, so that the lines on the page work when they are copied. */
async function visitedAddress(): Promise<string> {
  const sent = await headers();
  const scheme = sent.get("x-forwarded-proto") === "https" ? "https" : "http";
  return `${scheme}://${sent.get("host") ?? "127.0.0.1:4000"}/v1`;
}

export default async function LandingPage() {
  const [slots, address] = await Promise.all([currentSlots(), visitedAddress()]);
  const model = slots.find((slot) => slot.status === "ready")?.modelName ?? "auto";
  return (
    <div className="mx-auto max-w-[1240px] px-5 md:px-8">
      <header className="flex h-[68px] items-center gap-2.5 text-[15px] font-semibold tracking-[-0.02em]">
        <GateMark />
        LLM Gateway
      </header>
      <main>
        <section className="grid items-center gap-11 py-8 md:py-[72px] lg:grid-cols-[minmax(0,1fr)_minmax(0,1.2fr)] lg:gap-16">
          <div>
            <h1 className="text-[46px] leading-none font-[540] tracking-[-0.045em] md:text-[62px]">
              Seven models, one&nbsp;address.
            </h1>
            <p className="mt-[22px] mb-7 max-w-[44ch] text-[17px] text-ink-2">
              Open models on a machine you can walk up to. Point any OpenAI client at it and change nothing
              else. Every token is counted, and your words stay here.
            </p>
            <p className="inline-flex h-12 max-w-full items-center overflow-x-auto rounded-[10px] border border-field bg-surface px-4 font-mono text-[15px] whitespace-nowrap select-all">
              {address}
            </p>
          </div>
          <SlotList slots={slots} />
        </section>
        <FirstRequest address={address} model={model} />
      </main>
    </div>
  );
}
