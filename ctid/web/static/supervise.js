// The supervisor's controls on the board: into an agent's talk, another way of being in it, taking
// the caller over, and a waiting caller to an agent by hand.
import { html } from "./html.js";
import { t } from "./i18n.js";
import { PopCard } from "./pop.js";

const FREE = new Set(["ready", "working"]);
const MODES = ["listen", "whisper", "barge"];

/** The talk that I am in, with all that can be done about it; and the caller's card once I have
 *  taken the caller over. */
export function MyTalk({ me, live, say }) {
  const mine = live.board.spies.find((spy) => spy.login === me.login);
  const agent = mine && live.board.agents.find((one) => one.agent === mine.agent);
  const name = agent?.name || mine?.agent;
  return html`
    ${mine && html`
      <section class="panel my-talk" id="my-talk" data-state=${mine.state} role="status">
        <p>${mine.state === "ringing" ? t("spy.ringing", { agent: name }) : t("spy.in", { agent: name })}</p>
        ${mine.state === "on" && html`
          ${MODES.map((mode) => html`
            <button type="button" key=${mode} data-wish=${mode} aria-pressed=${mode === mine.mode}
              onClick=${() => say({ type: "spy", agent: mine.agent, wish: mode })}>${t(`spy.${mode}`)}</button>`)}
          ${me.agent && html`
            <button type="button" data-wish="take"
              onClick=${() => say({ type: "spy", agent: mine.agent, wish: "take" })}>${t("spy.take")}</button>`}`}
        <button type="button" class="quiet" data-wish="stop" onClick=${() => say({ type: "spy.stop" })}>${t("spy.stop")}</button>
      </section>`}
    ${me.agent && live.pop && live.agent && html`
      <section class="stage"><${PopCard} pop=${live.pop} state=${live.agent.state} key=${live.pop.id} /></section>`}`;
}

/** On the agent's chip: who is in the talk, and the way in. */
export function IntoTalk({ agent, me, spies, say }) {
  if (agent.state !== "on_call" || !agent.call || agent.agent === me.agent) return null;
  const there = spies.filter((spy) => spy.agent === agent.agent && spy.state === "on");
  const mine = spies.some((spy) => spy.login === me.login);
  return html`
    ${there.map((spy) => html`
      <span class="chip-note" key=${spy.login}>${spy.name} ${t(`spy.is.${spy.mode}`)}</span>`)}
    ${!mine && html`
      <button type="button" class="quiet" data-listen=${agent.agent}
        onClick=${() => say({ type: "spy", agent: agent.agent, wish: "listen" })}>${t("spy.start")}</button>`}`;
}

/** Beside a waiting caller: to whom they go now, out of turn. */
export function AssignTo({ waiting, agents, say }) {
  if (waiting.offered_to || waiting.call.startsWith("task:")) return null;
  const free = agents.filter((agent) => FREE.has(agent.state) && agent.phone_state === "idle");
  function pick(event) {
    if (event.currentTarget.value) say({ type: "assign", call: waiting.call, agent: event.currentTarget.value });
    event.currentTarget.value = "";
  }
  return html`
    <select class="assign" data-assign=${waiting.call} aria-label=${t("assign.to")} disabled=${free.length === 0} onChange=${pick}>
      <option value="">${free.length === 0 ? t("assign.nobody") : t("assign.to")}</option>
      ${free.map((agent) => html`<option key=${agent.agent} value=${agent.agent}>${agent.name || agent.agent}</option>`)}
    </select>`;
}

/** On the agent's own page: who is in the talk. */
export function Listeners({ agent }) {
  return agent.listeners.map((one) => html`
    <div class="banner warn" role="status" data-listener=${one.name} key=${one.name}>
      ${t("spy.told", { name: one.name, mode: t(`spy.is.${one.mode}`) })}</div>`);
}
