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
/** What stands between Jinja's brackets, and a text in quotes there. */
const code = /\{[{%][\s\S]*?[%}]\}/g;
const quoted = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g;

/** @returns null for a model without a template: llama-server gives it one of its own, which knows neither */
export function chatTemplateOf(metadata: Metadata): ChatTemplate | null {
  const template = textIn(metadata["tokenizer.chat_template"]);
  if (template === null) return null;
  const hasOwnForTools = textIn(metadata["tokenizer.chat_template.tool_use"]) !== null;
  return { tools: hasOwnForTools || readsTools(template), thinking: thinking.test(template) };
}

/** True where the variable `tools` is read: the word alone also stands in texts that only speak of tools. */
function readsTools(template: string): boolean {
  return (template.match(code) ?? []).some((part) => /(?<![.\w])tools\b/.test(part.replace(quoted, '""')));
}
