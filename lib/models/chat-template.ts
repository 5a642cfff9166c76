/** What a model's chat template can do, judged by its text: nothing is run. */
import { type Metadata, textIn } from "./metadata.ts";

export interface ChatTemplate {
  /** It writes down for the model which tools there are. */
  tools: boolean;
  /** It knows of thoughts before the answer. */
  thinking: boolean;
}

/** `<think>` and its relatives, the switches of Qwen, Granite and gpt-oss, and where thoughts of earlier turns stand. */
const thinking =
  /<think>|\[THINK\]|<\|?START_THINKING|<seed:think>|<\|channel\|?>|enable_thinking|reasoning_effort|reasoning_content/i;
/** Many times what the longest has: what comes behind it is not looked at. */
const mostCharacters = 1 << 20;

/** @returns null for a model without a template: llama-server gives it one of its own, which knows neither */
export function chatTemplateOf(metadata: Metadata): ChatTemplate | null {
  const template = textIn(metadata["tokenizer.chat_template"])?.slice(0, mostCharacters);
  if (template === undefined) return null;
  const hasOwnForTools = textIn(metadata["tokenizer.chat_template.tool_use"]) !== null;
  return { tools: hasOwnForTools || readsTools(template), thinking: thinking.test(template) };
}

/** True where the variable `tools` is read: the word alone also stands in texts that only speak of tools. */
function readsTools(template: string): boolean {
  return codeIn(template).some((part) => /(?<![.\w])tools\b/.test(withoutTexts(part)));
}

/** What stands between Jinja's brackets. Looks at each character once: all may be brackets. */
function codeIn(template: string): string[] {
  const parts: string[] = [];
  const [opening, closing] = [/\{[{%]/g, /[%}]\}/g];
  while (opening.test(template)) {
    closing.lastIndex = opening.lastIndex;
    if (!closing.test(template)) break;
    parts.push(template.slice(opening.lastIndex, closing.lastIndex - 2));
    opening.lastIndex = closing.lastIndex;
  }
  return parts;
}

/** Without what stands in quotes there. */
function withoutTexts(code: string): string {
  let kept = "";
  let end = 0;
  let quote: string | null = null;
  for (const { 0: mark, index } of code.matchAll(/\\[\s\S]|["']/g)) {
    if (quote === null && mark.length === 1) {
      kept += `${code.slice(end, index)}""`;
      quote = mark;
    } else if (mark === quote) {
      end = index + 1;
      quote = null;
    }
  }
  return quote === null ? kept + code.slice(end) : kept;
}
