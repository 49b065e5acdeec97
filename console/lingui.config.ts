import { defineConfig } from "@lingui/cli";
import { formatter } from "@lingui/format-po";

export default defineConfig({
  sourceLocale: "en",
  locales: ["en", "zh"],
  catalogs: [{ path: "src/locales/{locale}", include: ["src"] }],
  // Where a message stands changes with every edit; the catalogs change with the messages only.
  format: formatter({ origins: false }),
  orderBy: "message",
});
