/** The addresses of a name, asked of the network's name servers. */
import { Resolver } from "node:dns/promises";

/** All addresses of a host; none where it has none, or nobody tells. */
export type Resolve = (host: string, signal: AbortSignal) => Promise<readonly string[]>;

const answerMs = 2_500;
const tries = 2;

/**
 * Not by the system's own resolver: that knows names of this machine's, and its slow answers would hold the few threads
 * that the disk is read by.
 */
export const resolveByNetwork: Resolve = async (host, signal) => {
  const resolver = new Resolver({ timeout: answerMs, tries });
  const cancel = () => resolver.cancel();
  signal.addEventListener("abort", cancel, { once: true });
  try {
    const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
    return answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
  } finally {
    signal.removeEventListener("abort", cancel);
  }
};
