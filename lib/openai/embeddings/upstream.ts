/** A checked embeddings request as an engine gets it. */
import { GatewayError } from "../../errors.ts";
import type { UpstreamRequest } from "../../gateway/endpoint.ts";
import type { Engine } from "../../slots/types.ts";
import { hasParts, type PartsInput, partsOfEntry, withPartsAlone } from "./input.ts";
import type { EmbeddingsRequest } from "./request.ts";

/**
 * Shortened vectors are computed here, from numbers: engines take no notice of `dimensions`. A remote gets parts as they
 * came: OpenAI's API has no form for them, and another gateway like this one understands them.
 * @throws GatewayError 400 where this engine cannot do what the call asks
 */
export function embeddingsUpstream(call: EmbeddingsRequest, engine: Engine): UpstreamRequest {
  const { input } = call;
  const isOurs = engine.kind === "llama-server" && hasParts(input);
  const body = {
    model: engine.upstreamModel,
    input: isOurs ? promptsWithImages(input, engine) : withPartsAlone(input),
    encoding_format: call.dimensions ? "float" : (call.encoding_format ?? "float"),
  };
  return { path: "/embeddings", body: JSON.stringify(body), isStreamed: false, input: "input" };
}

/** llama-server's own form: a text with marks, and what belongs there. Text has to follow the last mark, or it aborts. */
interface PromptWithImages {
  prompt_string: string;
  multimodal_data: string[];
}

function promptsWithImages(input: PartsInput, engine: Engine): (string | PromptWithImages)[] {
  const marker = engine.mediaMarker;
  if (marker === null)
    throw new GatewayError("invalid_request", "This model's engine takes no images for vectors.", {
      param: "input",
    });
  return input.map((entry, index) => {
    const images: string[] = [];
    let text = "";
    for (const { part, path } of partsOfEntry(entry, index)) {
      if (part.type === "image_url") {
        const { url } = part.image_url;
        images.push(url.slice(url.indexOf(",") + 1));
        text += marker;
      } else {
        refuseMarker(part.text, marker, path);
        text += part.text;
      }
    }
    return images.length === 0 ? text : { prompt_string: `${text}\n`, multimodal_data: images };
  });
}

/** It is random, and nobody is told of it: a text with it would take the place of an image. */
function refuseMarker(text: string, marker: string, path: string): void {
  if (text.includes(marker))
    throw new GatewayError(
      "invalid_request",
      `\`${path}\` holds a text that this model's engine does not take.`,
      {
        param: path,
      },
    );
}
