/** The line that a newcomer copies, complete but for the key. */
export function FirstRequest({ address, model }: { address: string; model: string }) {
  const body = JSON.stringify({
    model,
    stream: true,
    messages: [{ role: "user", content: "Why is the sea salty?" }],
  });
  const lines = [
    `curl -N ${address}/chat/completions \\`,
    `  -H "Authorization: Bearer $GATEWAY_KEY" \\`,
    `  -H "Content-Type: application/json" \\`,
    `  -d '${body}'`,
  ];
  return (
    <section className="border-t border-line py-12 md:py-[72px]">
      <h2 className="text-[26px] leading-[1.12] font-[540] tracking-[-0.032em] md:text-[30px]">
        Your code already works here
      </h2>
      <p className="mt-2.5 max-w-[56ch] text-[15px] text-ink-2">
        Same endpoints, same errors, same streaming. Only the address changes. Your key takes the place of{" "}
        <code className="font-mono text-[13px]">$GATEWAY_KEY</code>.
      </p>
      <section aria-label="First request with curl" className="mt-8">
        <pre className="overflow-x-auto rounded-[11px] border border-line bg-code px-4 py-3.5 font-mono text-[13px] leading-[1.62]">
          {lines.join("\n")}
        </pre>
      </section>
    </section>
  );
}
