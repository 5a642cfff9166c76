"use client";

import Script from "next/script";
import { useRef, useState } from "react";

/** What of Swagger UI is used here: its bundle puts it into the window. */
interface ViewerOptions {
  url: string;
  domNode: HTMLElement;
  deepLinking: boolean;
  docExpansion: "list";
  defaultModelsExpandDepth: number;
  /** Its colours are for one background, and this page has two. */
  syntaxHighlight: false;
  /** The service that checks documents belongs to another host. */
  validatorUrl: null;
  /** A key stays in the page's memory, and goes with it. */
  persistAuthorization: boolean;
}

declare global {
  interface Window {
    SwaggerUIBundle?: (options: ViewerOptions) => unknown;
  }
}

/** The operations of `/openapi.json`, each with a form to try it. */
export function Reference({ script, style }: { script: string; style: string }) {
  const place = useRef<HTMLDivElement>(null);
  const [failed, setFailed] = useState(false);
  const show = () => {
    if (!place.current) return;
    window.SwaggerUIBundle?.({
      url: "/openapi.json",
      domNode: place.current,
      deepLinking: true,
      docExpansion: "list",
      defaultModelsExpandDepth: 0,
      syntaxHighlight: false,
      validatorUrl: null,
      persistAuthorization: false,
    });
  };
  return (
    <>
      <link rel="stylesheet" href={style} precedence="default" />
      <Script src={script} onReady={show} onError={() => setFailed(true)} />
      {failed && (
        <p role="alert" className="text-[15px] text-ink-2">
          The viewer could not be loaded. Reload the page, or read{" "}
          <a className="underline" href="/openapi.json">
            /openapi.json
          </a>{" "}
          with a tool of your own.
        </p>
      )}
      <div ref={place} id="reference" />
    </>
  );
}
