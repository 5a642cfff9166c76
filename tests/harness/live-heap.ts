/** What lives in a gateway's heap, asked for through Node's inspector, which waits for a signal until then. */
import { once } from "node:events";
import { WebSocket } from "undici";
import type { Gateway } from "./running-gateway.ts";
import { waitFor } from "./wait.ts";

/** For the gateway's environment: its inspector takes a port that is free. */
export const inspectable = { NODE_OPTIONS: "--inspect-port=0" };

export interface LiveHeap extends Disposable {
  /** Collects the garbage. @returns the bytes that the main thread's objects and buffers have then */
  collect(): Promise<number>;
}

/** Opens the inspector of a gateway that was started as `inspectable`. */
export async function openLiveHeap(gateway: Gateway): Promise<LiveHeap> {
  process.kill(gateway.pid, "SIGUSR1");
  const address = await waitFor(
    "the inspector to listen",
    () => /^Debugger listening on (ws:\S+)$/m.exec(gateway.logs())?.[1],
  );
  const socket = new WebSocket(address);
  await once(socket, "open");
  return {
    [Symbol.dispose]: () => socket.close(),
    async collect() {
      await call(socket, "HeapProfiler.collectGarbage");
      const expression = "process.memoryUsage().heapUsed + process.memoryUsage().external";
      const answer = await call(socket, "Runtime.evaluate", { expression, returnByValue: true });
      return Number(answer.result?.result?.value);
    },
  };
}

interface Answer {
  id: number;
  result?: { result?: { value?: unknown } };
}

/** One call at a time: the next message is its answer. */
async function call(socket: WebSocket, method: string, params: object = {}): Promise<Answer> {
  const answered = once(socket, "message") as Promise<[MessageEvent<string>]>;
  socket.send(JSON.stringify({ id: 1, method, params }));
  const [{ data }] = await answered;
  return JSON.parse(data) as Answer;
}
