/** The two languages, loaded when they are wanted. */
import { i18n } from "@lingui/core";

export type Language = "en" | "zh";
export const LANGUAGES: Record<Language, string> = { en: "English", zh: "简体中文" };
const KEPT = "armillary.language";

const catalogs = {
  en: () => import("./locales/en.po"),
  zh: () => import("./locales/zh.po"),
};

/** What was last spoken in this browser, until the account says; else what the browser prefers. */
export function preferredLanguage(): Language {
  const kept = localStorage.getItem(KEPT);
  if (kept === "en" || kept === "zh") return kept;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

export async function speak(language: Language): Promise<void> {
  const { messages } = await catalogs[language]();
  i18n.loadAndActivate({ locale: language, messages });
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  localStorage.setItem(KEPT, language);
}

export { i18n };
