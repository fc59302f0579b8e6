import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { loadAddress } from "@/api/address";
import { queries } from "@/api/query";
import { router } from "@/app/router";
import { showTheme } from "@/app/theme";
import { preferred, showLanguage } from "@/i18n";
import "@/app/styles.css";

// Modules of the first page have run by now: they take texts and addresses when they draw, not before.
showTheme();
await Promise.all([loadAddress(), showLanguage(preferred())]);

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
