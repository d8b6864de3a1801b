// On the board: customers who are to be called back, and how to give one up.
import { html } from "./html.js";
import { count, duration, phone, t } from "./i18n.js";

export function Callbacks({ board, now, say }) {
  if (board.callbacks.length === 0) return null;
  const names = new Map(board.queues.map((q) => [q.queue, q.name || q.queue]));
  const agents = new Map(board.agents.map((a) => [a.agent, a.name || a.agent]));
  return html`
    <section class="panel callers" id="callbacks">
      <header><h2>${t("callback.title")}</h2></header>
      <ol>${board.callbacks.slice(0, 30).map((c) => html`
        <li key=${c.callback} data-callback=${c.callback} data-state=${c.state}>
          <b>${phone(c.number)}</b><span class="chip-time">${duration(now - c.since)}</span>
          <span class="chip-note">${names.get(c.queue) ?? c.queue} · ${stateOf(c, agents, now)}${c.attempts > 0 && ` · ${t("callback.attempts", { count: count(c.attempts) })}`}</span>
          ${["waiting", "resting"].includes(c.state) && html`
            <button type="button" class="quiet" data-cancel=${c.callback}
              onClick=${() => say({ type: "callback.cancel", callback: c.callback })}>${t("callback.cancel")}</button>`}
        </li>`)}</ol>
    </section>`;
}

function stateOf(callback, agents, now) {
  if (callback.state === "resting") return t("callback.resting", { time: duration(Math.max(callback.due - now, 0)) });
  return t(`callback.${callback.state}`, { agent: agents.get(callback.agent) ?? callback.agent });
}
