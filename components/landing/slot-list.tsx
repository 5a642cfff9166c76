import type { SlotSnapshot, SlotStatus } from "@/lib/slots/types.ts";

const words: Record<SlotStatus, string> = {
  empty: "Empty",
  starting: "Starting",
  ready: "Ready",
  draining: "Draining",
  crashed: "Crashed",
  failed: "Failed",
};

/** The gateway and the wires to its slots, with what each runs. */
export function SlotList({ slots }: { slots: readonly SlotSnapshot[] }) {
  const ready = slots.filter((slot) => slot.status === "ready").length;
  return (
    <div>
      <p className="flex items-center gap-2.5 pb-3 text-[13px] text-ink-2">
        {slots.length > 0 ? "This gateway" : "The gateway is starting. Reload the page in a moment."}
        {slots.length > 0 && (
          <span className="ml-auto text-ink-3">
            Online now:{" "}
            <b className="font-[550] text-ink">
              {ready} of {slots.length}
            </b>
          </span>
        )}
      </p>
      <ul>
        {slots.map((slot) => (
          <SlotRow key={slot.port} slot={slot} />
        ))}
      </ul>
    </div>
  );
}

function SlotRow({ slot }: { slot: SlotSnapshot }) {
  const { port, status, modelName, capabilities } = slot;
  return (
    <li className="group relative grid h-[50px] grid-cols-[46px_minmax(0,1fr)_auto] items-center gap-3 pl-10 md:grid-cols-[52px_minmax(0,1fr)_130px_92px]">
      <span
        aria-hidden="true"
        className="absolute bottom-[25px] left-2 h-[62px] w-[20px] rounded-bl-[10px] border-b-[1.5px] border-l-[1.5px] border-accent-line group-first:h-[37px]"
      />
      <span className="font-pixel text-[17px] text-ink-2">{port}</span>
      <span className={`truncate ${modelName ? "font-[520]" : "text-ink-3"}`}>
        {modelName ?? "Nothing loaded"}
      </span>
      <span className="hidden truncate text-[13px] text-ink-3 md:block">
        {capabilities.map(capitalised).join(", ")}
      </span>
      <span className="state text-[13px]" data-status={status}>
        {words[status]}
      </span>
    </li>
  );
}

function capitalised(word: string, index: number): string {
  return index === 0 ? word.slice(0, 1).toUpperCase() + word.slice(1) : word;
}
