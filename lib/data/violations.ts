/** Prisma's errors that a query expects. */

/** A value that must be unique is already there. P2002 is Prisma's code for it. */
export function isUniqueViolation(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "P2002";
}
