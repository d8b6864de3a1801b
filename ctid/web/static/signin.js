// The sign-in page. What was typed stays when the server refuses it.
import { useRef, useState } from "preact/hooks";
import { api } from "./api.js";
import { LanguageSwitch, Brand } from "./frame.js";
import { html } from "./html.js";
import { currentLanguage, t } from "./i18n.js";
import { remember, remembered } from "./stored.js";

export function SignIn({ welcome, over, onSignedIn, onLanguage }) {
  const [login, setLogin] = useState(remembered("login", ""));
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const passwordField = useRef(null);

  async function submit(event) {
    event.preventDefault();
    setBusy(true);
    setProblem("");
    try {
      const me = await api.signIn(login.trim(), password, currentLanguage());
      remember("login", login.trim());
      onSignedIn(me);
      if (me.role === "service") {
        setProblem(t("signin.service"));
        setBusy(false);
      }
    } catch (error) {
      setProblem(t(`error.${error.code}`, {}, t("error.other")));
      setBusy(false);
      passwordField.current?.select();
    }
  }

  function fill(account) {
    setLogin(account.login);
    setPassword(account.password);
    setProblem("");
  }

  return html`
    <div class="door">
      <header class="door-top"><${Brand} /><${LanguageSwitch} languages=${welcome.languages} onChoose=${onLanguage} /></header>
      <main class="door-card">
        <h1>${t("signin.title")}</h1>
        <p class="lead">${t("signin.lead")}</p>
        ${over && html`<p class="notice" role="status">${t("signin.over")}</p>`}
        <form onSubmit=${submit}>
          <label for="login">${t("signin.login")}</label>
          <input id="login" name="login" autocomplete="username" maxlength="64" required autofocus
            value=${login} onInput=${(e) => setLogin(e.target.value)} />
          <label for="password">${t("signin.password")}</label>
          <input id="password" name="password" type="password" autocomplete="current-password"
            maxlength="1024" required ref=${passwordField}
            value=${password} onInput=${(e) => setPassword(e.target.value)} />
          <p class="problem" role="alert">${problem}</p>
          <button class="primary wide" disabled=${busy}>${busy ? t("signin.busy") : t("signin.submit")}</button>
        </form>
        ${welcome.demo.length > 0 && html`
          <section class="demo" aria-labelledby="demo-title">
            <h2 id="demo-title">${t("signin.demo")}</h2>
            <ul>
              ${welcome.demo.map((account) => html`
                <li><button type="button" onClick=${() => fill(account)}
                  title=${t("signin.demo_use", { name: account.name })}>
                  <b>${account.name}</b><span>${account.login} · ${account.password}</span>
                </button></li>`)}
            </ul>
          </section>`}
      </main>
    </div>`;
}
