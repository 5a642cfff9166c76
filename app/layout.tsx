import { GeistMono } from "geist/font/mono";
import { GeistPixelSquare } from "geist/font/pixel/square";
import { GeistSans } from "geist/font/sans";
import type { Metadata } from "next";
import type { ReactNode } from "react";
import "./globals.css";

export const metadata: Metadata = {
  title: "LLM Gateway",
  description: "Local models behind one OpenAI-compatible address.",
};

const fonts = `${GeistSans.variable} ${GeistMono.variable} ${GeistPixelSquare.variable}`;

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en" className={fonts}>
      <body className="min-h-dvh font-sans text-[14px] leading-[1.5]">{children}</body>
    </html>
  );
}
