"use client";

import Script from "next/script";
import { useEffect, useRef, useState } from "react";

/** What of Swagger UI is used here: its bundle puts it into the window. */
interface ViewerOptions {
  url: string;
  domNode: HTMLElement;
  deepLinking: boolean;
  docExpansion: "list";
  defaultModelsExpandDepth: number;
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
  useDarkMode();
  const show = () => {
    if (!place.current) return;
    window.SwaggerUIBundle?.({
      url: "/openapi.json",
      domNode: place.current,
      deepLinking: true,
      docExpansion: "list",
      defaultModelsExpandDepth: 0,
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
      <div ref={place} className="reference" />
    </>
  );
}

/** Swagger UI's own dark colours go by a class; ours by what the system prefers. */
function useDarkMode() {
  useEffect(() => {
    const preference = window.matchMedia("(prefers-color-scheme: dark)");
    const apply = () => document.documentElement.classList.toggle("dark-mode", preference.matches);
    apply();
    preference.addEventListener("change", apply);
    return () => {
      preference.removeEventListener("change", apply);
      document.documentElement.classList.remove("dark-mode");
    };
  }, []);
}
