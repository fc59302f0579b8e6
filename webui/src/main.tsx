import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { loadAddress } from "@/api/address";
import { queries } from "@/api/query";
import { showTheme } from "@/app/theme";
import { preferred, showLanguage } from "@/i18n";
import "@/app/styles.css";

showTheme();
await Promise.all([loadAddress(), showLanguage(preferred())]);
const { router } = await import("@/app/router"); // after the language: texts are taken when modules are run

const place = document.getElementById("root");
if (place) {
  createRoot(place).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  );
}
