// Where the agent's queues allow it: the callers who wait, to take one out of turn.
import { useEffect, useState } from "preact/hooks";
import { api } from "./api.js";
import { serverNow } from "./clock.js";
import { html } from "./html.js";
import { duration, phone, t } from "./i18n.js";

const EVERY = 2000;
const MAY = new Set(["ready", "not_ready", "working"]);

export function Pull({ agent, say }) {
  const [open, setOpen] = useState(false);
  const may = agent.pulls && MAY.has(agent.state);
  useEffect(() => {
    if (!may) setOpen(false);
  }, [may]);
  if (!may) return null;
  return html`
    <button type="button" class="wide" aria-expanded=${open} aria-controls="pull"
      onClick=${() => setOpen(!open)}>${t("pull.open")}</button>
    ${open && html`<${Waiting} say=${say} onClose=${() => setOpen(false)} />`}`;
}

function Waiting({ say, onClose }) {
  const [waiting, setWaiting] = useState(null);
  useEffect(() => {
    let gone = false;
    const look = () => api.pullable()
      .then((answer) => gone || setWaiting(answer.waiting))
      .catch(() => gone || setWaiting([]));
    look();
    const timer = setInterval(look, EVERY);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, []);
  return html`
    <div class="reasons" id="pull" role="group" aria-label=${t("pull.open")}
      onKeyDown=${(e) => e.key === "Escape" && onClose()}>
      ${waiting?.length === 0 && html`<p class="hint">${t("pull.nobody")}</p>`}
      ${waiting?.map((one) => html`
        <button type="button" key=${one.call} data-pull=${one.call}
          onClick=${() => say({ type: "pull", call: one.call })}>
          ${phone(one.number) || t("pop.hidden")} <span class="none">${one.identity === "verified" && html`<b class="verified">${t("board.verified")}</b> · `}${one.queue} · ${duration(serverNow() - one.since)}</span></button>`)}
    </div>`;
}
