/** A command that cannot be carried out: its words are all that the operator sees. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  /** Of the gateway's answer, where that was the reason. */
  readonly status: number | undefined;

  constructor(message: string, options: ErrorOptions & { status?: number } = {}) {
    super(message, options);
    this.status = options.status;
  }
}
