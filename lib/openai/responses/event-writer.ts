/** Writes the events of a response: each has a name, and a number that counts them. */

export class EventWriter {
  #written: string[] = [];
  #next = 0;
  #taken = 0;

  /** How many events were taken so far. */
  get taken(): number {
    return this.#taken;
  }

  /** @param fields at least one */
  write(type: string, fields: object): void {
    // There is an event for each token, and to put these first by copying all fields costs more.
    const members = JSON.stringify(fields).slice(1);
    const head = `"type":"${type}","sequence_number":${this.#next++}`;
    this.#written.push(`event: ${type}\ndata: {${head},${members}\n\n`);
  }

  /** What was written since the last time, or null. */
  take(): Buffer | null {
    if (this.#written.length === 0) return null;
    const bytes = Buffer.from(this.#written.join(""));
    this.#written = [];
    this.#taken = this.#next;
    return bytes;
  }
}
