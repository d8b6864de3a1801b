// One catalogue for each language, fetched as JSON; the choice is remembered by the browser.
import { api } from "./api.js";
import { remember, remembered } from "./stored.js";

const loaded = new Map();
let language = "en";
let texts = {};

export const currentLanguage = () => language;

export async function useLanguage(wanted) {
  if (!loaded.has(wanted)) loaded.set(wanted, await api.catalogue(wanted));
  language = wanted;
  texts = loaded.get(wanted);
  document.documentElement.lang = wanted;
}

export async function startLanguage(languages, otherwise) {
  const chosen = remembered("language", otherwise);
  await useLanguage(languages.includes(chosen) ? chosen : otherwise);
}

export async function chooseLanguage(wanted) {
  await useLanguage(wanted);
  remember("language", wanted);
}

/** The text of `key` with {names} filled in; `otherwise` where the catalogue has none. */
export function t(key, values = {}, otherwise = key) {
  const text = texts[key] ?? otherwise;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** Milliseconds as 0:07, 12:34 or 1:02:03. */
export function duration(ms) {
  const all = Math.max(0, Math.floor(ms / 1000));
  const seconds = String(all % 60).padStart(2, "0");
  const minutes = Math.floor(all / 60) % 60;
  const hours = Math.floor(all / 3600);
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${seconds}` : `${minutes}:${seconds}`;
}

export const count = (value) => value.toLocaleString(language);

/** A wall time in milliseconds as a short date and time. */
export function moment(ms) {
  return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(ms);
}

function named(type, code) {
  try {
    return new Intl.DisplayNames([language], { type }).of(code) ?? code;
  } catch {
    return code; // not a code that the standard knows: show it as it came
  }
}

export const regionName = (code) => (code ? named("region", code) : "");
export const languageName = (code) => (code ? named("language", code) : "");

const GROUPS = [
  /^\+(86)(1\d{2})(\d{4})(\d{4})$/, // China, mobile
  /^\+(86)(10|2\d)(\d{4})(\d{4})$/, // China, the cities with short area codes
  /^\+(86)([3-9]\d{2})(\d{3,4})(\d{4})$/, // China, other landlines
  /^\+(1)(\d{3})(\d{3})(\d{4})$/, // North America
  /^\+(\d{2})(\d{2,4})(\d{3,4})(\d{4})$/,
];

/** An E.164 number in readable groups; anything else as it is. */
export function phone(number) {
  const found = GROUPS.map((groups) => groups.exec(number)).find(Boolean);
  return found ? `+${found.slice(1).join(" ")}` : number;
}
