export * from "./inputs";
export * from "./Layout";
export * from "./PairsAt";
