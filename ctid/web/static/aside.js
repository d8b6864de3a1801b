// The caller on hold, and a colleague who is asked: only the buttons that are possible now.
import { useEffect, useState } from "preact/hooks";
import { useServerNow } from "./clock.js";
import { html } from "./html.js";
import { duration, t } from "./i18n.js";
import { Targets } from "./transfer.js";

const WISHES = ["hold", "resume", "toggle", "conference", "complete", "cancel"];

export function Aside({ call, aside, say }) {
  const now = useServerNow();
  const [asking, setAsking] = useState(false);
  const mayAsk = aside.may.includes("consult");
  useEffect(() => setAsking(false), [call, mayAsk]);
  const wish = (one) => say({ type: "talk", call, wish: one });
  const ask = ({ kind, target }, note) =>
    say({ type: "consult", call, kind, target, note }) && setAsking(false);
  return html`
    ${aside.state !== "talking" && html`
      <p class="aside-state" id="aside" data-state=${aside.state} role="status">
        ${t(`aside.state.${aside.state}`, { name: aside.name })} · ${duration(now - aside.since)}</p>`}
    ${WISHES.filter((one) => aside.may.includes(one)).map((one) => html`
      <button type="button" class="wide" key=${one} data-wish=${one}
        onClick=${() => wish(one)}>${t(`aside.${one}`)}</button>`)}
    ${mayAsk && html`
      <button type="button" class="wide" aria-expanded=${asking} aria-controls="consult"
        onClick=${() => setAsking(!asking)}>${t("aside.consult")}</button>`}
    ${mayAsk && asking && html`<${Targets} id="consult" name=${t("aside.consult")}
      onClose=${() => setAsking(false)} onPick=${ask} />`}`;
}
