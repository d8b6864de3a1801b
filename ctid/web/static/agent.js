// The agent's page: state and timer on the left, the call and its customer on the right.
import { useEffect, useRef, useState } from "preact/hooks";
import { useServerNow } from "./clock.js";
import { Aside } from "./aside.js";
import { Banner, ErrorBanner, TopBar } from "./frame.js";
import { html } from "./html.js";
import { duration, phone, t } from "./i18n.js";
import { PopCard } from "./pop.js";
import { Pull } from "./pull.js";
import { ring, soundAllowed, useRing } from "./sound.js";
import { remember, remembered } from "./stored.js";
import { Listeners } from "./supervise.js";
import { offeredTask, Tasks } from "./tasks.js";
import { Transfer } from "./transfer.js";

const LATER = new Set(["reserved", "on_call", "wrap_up"]);

const SHORTCUTS = [
  ["Digit1", "1", "agent.ready"],
  ["Digit2", "2", "agent.break"],
  ["Digit3", "3", "agent.wrapup_end"],
  ["Digit4", "4", "agent.hangup"],
];

export function AgentPage({ me, live, languages, say, onLanguage, onSignOut, onSeen }) {
  const { agent, pop, hello, online, wasOnline } = live;
  const [sound, setSound] = useState(remembered("sound", "on") === "on");
  const [kept, keep] = useKept(online && hello, say);
  const [breaking, setBreaking] = useState(false);
  const card = offeredTask(agent);
  const ringing = agent?.state === "reserved" && !card;

  useRing(ringing && sound);
  useTitle(agent, pop, ringing);
  useAcknowledged(pop, online, say);

  // A state that was chosen while the connection was away is kept and sent when it is back.
  const choose = (message, label) => say(message) || keep({ message, label });
  const act = {
    ready: () => choose({ type: "ready" }, t("agent.ready")),
    pause: (reason) => {
      setBreaking(false);
      choose({ type: "break", reason }, reasonName(reason));
    },
    askPause: () => setBreaking((open) => !open),
    wrapUpEnd: () => agent?.talk?.may_end && choose({ type: "wrapup.end" }, t("agent.wrapup_end")),
    extend: () => say({ type: "wrapup.extend" }),
    dispose: (code) => choose({ type: "disposition", call: agent.talk.call, code }, code),
    transfer: (call, { kind, target }, note) => say({ type: "transfer", call, kind, target, note }),
    task: (task, what, code) => say({ type: "task", task, do: what, code }),
    hangUp: () => agent?.state === "on_call" && say({ type: "hangup" }),
  };
  useShortcuts(act);

  const [, redraw] = useState(0);
  function testSound() {
    ring();
    redraw((n) => n + 1);
  }
  function toggleSound() {
    remember("sound", sound ? "off" : "on");
    setSound(!sound);
  }

  return html`
    <div class="page agent-page">
      <${TopBar} me=${me} online=${online} languages=${languages} onLanguage=${onLanguage} onSignOut=${onSignOut}>
        ${agent && html`<${PhoneState} state=${agent.phone_state} phone=${agent.phone} />`}
        <button type="button" class="quiet" aria-pressed=${sound} onClick=${toggleSound}>
          ${sound ? t("sound.on") : t("sound.off")}</button>
        ${sound && html`<button type="button" class="quiet" onClick=${testSound}>
          ${soundAllowed() ? t("sound.test") : t("sound.blocked")}</button>`}
      </${TopBar}>
      ${!online && wasOnline && html`<${Banner} kind="bad">
        ${t("banner.offline")} ${kept && t("banner.kept", { choice: kept.label })}</${Banner}>`}
      ${agent?.phone_state === "unreachable" && html`<${Banner} kind="warn">${t("banner.phone")}</${Banner}>`}
      <${ErrorBanner} error=${live.error} onSeen=${onSeen} />
      ${agent && html`<${Listeners} agent=${agent} />`}
      <main class="desk ${online ? "" : "stale"}">
        ${agent && html`
          <${StatePanel} agent=${agent} hello=${hello} act=${act} say=${say} breaking=${breaking} />
          <section class="stage" aria-label=${t("pop.ringing")}>
            <${Tasks} agent=${agent} onSay=${act.task} />
            ${pop ? html`<${PopCard} pop=${pop} state=${agent.state} key=${pop.id} />` : html`<${Idle} agent=${agent} />`}
          </section>`}
      </main>
    </div>`;
}

const reasonName = (reason) => t(`reason.${reason}`, {}, reason);

function StatePanel({ agent, hello, act, say, breaking }) {
  const now = useServerNow();
  const later = LATER.has(agent.state);
  return html`
    <aside class="side">
      <section class="state-card state-${agent.state}" aria-label=${t("agent.state")}>
        <p class="eyebrow">${t("agent.state")}</p>
        <h1 class="state-name" id="state" data-state=${agent.state} aria-live="polite">${offeredTask(agent) ? t("task.offered") : t(`state.${agent.state}`)}</h1>
        ${agent.state === "not_ready" && agent.reason && html`<p class="state-reason">${reasonName(agent.reason)}</p>`}
        ${agent.overrun && html`<p class="overrun" role="status">${t("agent.overrun")}</p>`}
        <p class="timer" role="timer">${duration(now - agent.since)}</p>
        ${agent.until > 0 && html`<${UntilBar} agent=${agent} now=${now} />`}
      </section>

      <section class="actions">
        ${agent.state === "on_call" && html`
          <button type="button" class="danger wide" onClick=${act.hangUp}>${t("agent.hangup")}</button>
          ${agent.aside && html`<${Aside} call=${agent.call} aside=${agent.aside} say=${say} />`}
          ${(!agent.aside || agent.aside.may.includes("hold")) && html`
            <${Transfer} call=${agent.call} onSend=${act.transfer} />`}`}
        ${agent.talk?.codes.length > 0 && html`<${Codes} talk=${agent.talk} state=${agent.state} onPick=${act.dispose} />`}
        ${agent.talk?.may_end && html`
          <button type="button" class="primary wide" onClick=${act.wrapUpEnd}>${t("agent.wrapup_end")}</button>`}
        ${agent.talk?.may_extend && html`
          <button type="button" class="wide" onClick=${act.extend}>${t("agent.wrapup_extend")}</button>`}
        ${later && html`<h2 class="eyebrow">${t("agent.after")}</h2>`}
        <div class="choice">
          <button type="button" class=${later ? "" : "primary"} aria-pressed=${chosen(agent, "ready")}
            onClick=${act.ready}>${t("agent.ready")}</button>
          <button type="button" aria-pressed=${chosen(agent, "not_ready")} aria-expanded=${breaking}
            aria-controls="reasons" onClick=${act.askPause}>${t("agent.break")}</button>
        </div>
        <${Pull} agent=${agent} say=${say} />
        ${breaking && html`<${Reasons} reasons=${hello.break_reasons} onPick=${act.pause} onClose=${act.askPause} />`}
        ${later && !agent.next && html`<p class="hint">${t("agent.after_none")}</p>`}
        ${later && agent.next === "signed_out" && html`<p class="hint">${t("agent.after_signed_out")}</p>`}
      </section>

      <dl class="facts">
        <div><dt>${t("agent.handled")}</dt><dd>${agent.handled}</dd></div>
        <div><dt>${t("agent.queues")}</dt><dd>${agent.queues.join(", ")}</dd></div>
      </dl>
      <section class="keys" aria-label=${t("shortcuts.title")}>
        <h2 class="eyebrow">${t("shortcuts.title")} · ${t("shortcuts.hint")}</h2>
        <ul>${SHORTCUTS.map(([code, key, name]) => html`<li key=${code}><kbd>${key}</kbd>${t(name)}</li>`)}</ul>
      </section>
    </aside>`;
}

function chosen(agent, what) {
  return LATER.has(agent.state) ? agent.next === what : agent.state === what;
}

function Codes({ talk, state, onPick }) {
  return html`
    <div class="reasons" id="codes" role="group" aria-label=${t("agent.disposition")}>
      <p class="eyebrow">${t("agent.disposition")}</p>
      ${talk.codes.map((code) => html`
        <button type="button" key=${code} data-code=${code} aria-pressed=${code === talk.code}
          onClick=${() => onPick(code)}>${code}</button>`)}
      ${state === "wrap_up" && !talk.code && html`<p class="hint">${t("agent.disposition_open")}</p>`}
    </div>`;
}

function UntilBar({ agent, now }) {
  const all = agent.until - agent.since;
  const left = Math.max(0, agent.until - now);
  return html`
    <progress max=${all} value=${left} aria-hidden="true"></progress>
    <p class="until">${t("agent.ends_in", { time: duration(left) })}</p>`;
}

function Reasons({ reasons, onPick, onClose }) {
  const first = useRef(null);
  useEffect(() => first.current?.focus(), []);
  return html`
    <div class="reasons" id="reasons" role="group" aria-label=${t("agent.break_pick")}
      onKeyDown=${(e) => e.key === "Escape" && onClose()}>
      <p class="eyebrow">${t("agent.break_pick")}</p>
      ${reasons.map((reason, i) => html`
        <button type="button" key=${reason} data-reason=${reason} ref=${i === 0 ? first : null}
          onClick=${() => onPick(reason)}>${reasonName(reason)}</button>`)}
    </div>`;
}

function Idle({ agent }) {
  const waiting = agent.state === "ready";
  return html`
    <div class="idle ${waiting ? "waiting" : ""}">
      <div class="idle-mark" aria-hidden="true"><span></span><span></span><span></span></div>
      <h2>${t("agent.idle_title")}</h2>
      <p>${waiting ? t("agent.idle_ready") : t("agent.idle_not_ready")}</p>
      ${waiting && html`<p class="hint">${t("agent.ready_hint")}</p>`}
    </div>`;
}

function PhoneState({ state, phone: device }) {
  return html`<span class="phone phone-${state}" title=${`${t("agent.phone")} ${device}`}>${t(`phone.${state}`)}</span>`;
}

/** [what is kept, keep it]: sent once `ready` is true again. */
function useKept(ready, say) {
  const [kept, setKept] = useState(null);
  useEffect(() => {
    if (ready && kept && say(kept.message)) setKept(null);
  }, [ready, kept]);
  return [kept, setKept];
}

/** Tell the server that the pop is drawn: effects run after the markup is in the document. */
function useAcknowledged(pop, online, say) {
  const told = useRef("");
  useEffect(() => {
    if (pop && online && told.current !== pop.id && say({ type: "pop.ack", pop: pop.id })) {
      told.current = pop.id;
    }
  }, [pop?.id, online]);
}

function useTitle(agent, pop, ringing) {
  const who = pop?.customers[0]?.name || pop?.caller_name || phone(pop?.number || "") || t("pop.hidden");
  const title = ringing && pop ? t("pop.title_alert", { who }) : agent ? `${t(`state.${agent.state}`)} · ${t("brand")}` : t("brand");
  useEffect(() => {
    document.title = title;
  }, [title]);
}

function useShortcuts(act) {
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    const does = { Digit1: "ready", Digit2: "askPause", Digit3: "wrapUpEnd", Digit4: "hangUp" };
    const onKey = (event) => {
      const name = does[event.code];
      if (!name || !event.ctrlKey || !event.shiftKey || event.altKey || event.repeat) return;
      event.preventDefault();
      latest.current[name]();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
}
