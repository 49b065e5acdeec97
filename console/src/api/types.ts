/** The platform's answers by their names in its API description. */
import type { components } from "./gen";

export type Schema<Name extends keyof components["schemas"]> = components["schemas"][Name];
