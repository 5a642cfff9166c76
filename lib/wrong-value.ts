/** What a zod error comes down to, in words for whoever sent or wrote the value. */
import type { z } from "zod";

/** Of a name that a client has made up. */
const shownCharacters = 100;

export interface WrongValue {
  /** As `messages[0].content`; empty where the whole value is wrong. */
  path: string;
  /** One sentence that names the path, or the body. */
  message: string;
}

/** The first thing that is wrong, at its deepest known place. */
export function wrongValue(error: z.ZodError): WrongValue {
  const issue = deepestIssue(error.issues);
  const path = formatPath(issue.path);
  return { path, message: `${path ? `\`${path}\`` : "The body"} ${describeIssue(issue)}` };
}

/** `["messages", 0, "content"]` as `messages[0].content`. */
export function formatPath(path: readonly PropertyKey[]): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else text += text === "" ? String(part) : `.${String(part)}`;
  }
  return text;
}

/** A union's own issue only says that nothing fits; what its likeliest branch says is more use. */
function deepestIssue(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue {
  const [first] = issues;
  if (!first) return { code: "custom", path: [], message: "is not valid", input: undefined };
  if (first.code === "invalid_key") return { ...deepestIssue(first.issues), path: first.path };
  if (first.code === "unrecognized_keys") return unknownField(first);
  if (first.code !== "invalid_union" || first.errors.length === 0) return first;
  const branches = first.errors.map(deepestIssue);
  const deepest = branches.reduce((best, branch) => (branch.path.length > best.path.length ? branch : best));
  if (deepest.path.length === 0) return first;
  return { ...deepest, path: [...first.path, ...deepest.path] };
}

/** At the field itself, where zod names the object that it stands in. */
function unknownField({ path, keys, input }: z.core.$ZodIssueUnrecognizedKeys): z.core.$ZodIssue {
  const [key = ""] = keys;
  return {
    code: "custom",
    path: [...path, key.slice(0, shownCharacters)],
    message: "is unknown here",
    input,
  };
}

function describeIssue(issue: z.core.$ZodIssue): string {
  if (issue.code === "custom" || issue.code === "invalid_format") return `${issue.message}.`;
  return `is not valid: ${issue.message.charAt(0).toLowerCase()}${issue.message.slice(1)}.`;
}
