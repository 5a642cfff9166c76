/** The items of a response's output, as OpenAI writes them. */

export type ItemStatus = "in_progress" | "completed" | "incomplete";

export interface OutputText {
  type: "output_text";
  text: string;
  annotations: [];
  logprobs: unknown[];
}
export interface Refusal {
  type: "refusal";
  refusal: string;
}
export interface ReasoningText {
  type: "reasoning_text";
  text: string;
}
export type OutputPart = OutputText | Refusal | ReasoningText;

export interface MessageItem {
  id: string;
  type: "message";
  status: ItemStatus;
  role: "assistant";
  content: OutputPart[];
}
export interface ReasoningItem {
  id: string;
  type: "reasoning";
  status: ItemStatus;
  summary: [];
  content: OutputPart[];
}
export interface FunctionCallItem {
  id: string;
  type: "function_call";
  status: ItemStatus;
  call_id: string;
  name: string;
  arguments: string;
}
export type OutputItem = MessageItem | ReasoningItem | FunctionCallItem;

/** Takes the events of a stream in their order. */
export type Emit = (type: string, fields: object) => void;
