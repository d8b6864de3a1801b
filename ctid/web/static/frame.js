// What all pages share: brand, top bar, language switch, banners.
import { html } from "./html.js";
import { currentLanguage, t } from "./i18n.js";

export function Brand() {
  return html`<span class="brand"><img src="/static/icon.svg" alt="" width="28" height="28" />${t("brand")}</span>`;
}

export function LanguageSwitch({ languages, onChoose }) {
  return html`
    <div class="switch" role="group" aria-label=${t("language.choose")}>
      ${languages.map((language) => html`
        <button type="button" key=${language} lang=${language} data-language=${language}
          aria-pressed=${language === currentLanguage()}
          onClick=${() => onChoose(language)}>${t(`language.${language}`)}</button>`)}
    </div>`;
}

export function TopBar({ me, online, languages, onLanguage, onSignOut, children }) {
  return html`
    <header class="top">
      <${Brand} />
      <div class="top-middle">${children}</div>
      <span class="link ${online ? "up" : "down"}">${online ? t("link.online") : t("link.offline")}</span>
      <${LanguageSwitch} languages=${languages} onChoose=${onLanguage} />
      <span class="who" title=${me.login}>${me.name}</span>
      <button type="button" class="quiet" onClick=${onSignOut}>${t("signout")}</button>
    </header>`;
}

export function Banner({ kind, children }) {
  return html`<div class="banner ${kind}" role=${kind === "bad" ? "alert" : "status"}>${children}</div>`;
}

export function ErrorBanner({ error, onSeen }) {
  if (!error) return null;
  return html`
    <${Banner} kind="warn">
      <span>${t(`error.${error.code}`, {}, error.text || t("error.other"))}</span>
      <button type="button" class="quiet" onClick=${onSeen}>${t("error.dismiss")}</button>
    </${Banner}>`;
}
