import lingui from "eslint-plugin-lingui";
import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

const library = ["@mantine/*", "@tabler/*", "@xterm/*", "@xyflow/*", "@codemirror/*", "uplot"];

export default tseslint.config(
  { ignores: ["dist", "src/api/gen.d.ts"] },
  ...tseslint.configs.recommended,
  hooks.configs.flat.recommended,
  lingui.configs["flat/recommended"],
  {
    rules: {
      // The compiler's advice; our tables are virtual by a library it cannot memoise.
      "react-hooks/incompatible-library": "off",
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
    },
  },
  {
    files: ["src/{app,features,kinds,wizards,api,lib,router}/**/*.{ts,tsx}"],
    ignores: ["src/features/*/ui/**"],
    rules: { "no-restricted-imports": ["error", { patterns: [{ group: library, message: "Import it by @/ui." }] }] },
  },
);
