/** Requests that offer to go on in another protocol. */
import { IncomingMessage } from "node:http";
import { isEvents } from "./areas.ts";

/**
 * Node gives a request that offers an upgrade to the listener for upgrades alone, as soon as there is one. But some
 * clients, as Java's, offer one with any request and expect an answer (RFC 9110, 7.8: a server may ignore it). With
 * messages of this class only the socket of live events is an upgrade, and all else a request like any other.
 */
export class EventsUpgradeMessage extends IncomingMessage {
  /** No field that is made anew by our constructor: Node's writes before. */
  declare offersUpgrade?: boolean;

  /** Node writes here whether the client offers an upgrade, and decides by what it reads. */
  get upgrade(): boolean {
    return this.offersUpgrade === true && isEvents(this.url ?? "");
  }

  set upgrade(value: boolean | null) {
    this.offersUpgrade = value === true;
  }
}
