// The agent's tasks: the card of one that is offered, and what is in hand.
import { useServerNow } from "./clock.js";
import { html } from "./html.js";
import { duration, moment, t } from "./i18n.js";

export const offeredTask = (agent) => agent?.tasks.find((one) => one.state === "offered");

export function Tasks({ agent, onSay }) {
  if (!agent.tasks.length) return null;
  return html`
    <section class="tasks" id="tasks" aria-label=${t("task.title")}>
      <h2 class="eyebrow">${t("task.title")}</h2>
      <ul>${agent.tasks.map((task) => html`<${Task} key=${task.task} task=${task} onSay=${onSay} />`)}</ul>
    </section>`;
}

function Task({ task, onSay }) {
  const now = useServerNow();
  const offered = task.state === "offered";
  const late = task.deadline < Date.now();
  const when = moment(task.deadline);
  const say = (what, code = "") => onSay(task.task, what, code);
  return html`
    <li class="task ${offered ? "offered" : ""}" data-task=${task.task} data-state=${task.state} aria-live=${offered ? "assertive" : "off"}>
      <p class="eyebrow">${task.channel} · ${task.queue}${offered && html` <span class="chip-time">${duration(task.until - now)}</span>`}</p>
      <p><b>${task.subject || task.task}</b></p>
      ${task.link && html`<p><a href=${task.link} target="_blank" rel="noopener noreferrer">${t("task.open")}</a></p>`}
      <p class=${late ? "overrun" : "hint"}>${late ? t("task.late", { when }) : t("task.deadline", { when })}</p>
      <div class="choice">
        ${offered && html`<button type="button" class="primary" data-do="accept" onClick=${() => say("accept")}>${t("task.accept")}</button>`}
        ${!offered && (task.codes.length ? task.codes : [""]).map((code) => html`
          <button type="button" class="primary" key=${code} data-do="done" onClick=${() => say("done", code)}>${code || t("task.done")}</button>`)}
        <button type="button" data-do="reject" onClick=${() => say("reject")}>${offered ? t("task.reject") : t("task.give_back")}</button>
      </div>
    </li>`;
}
