// The supervisors' board: figures once a second, thresholds in colour and in words.
import { useEffect } from "preact/hooks";
import { serverNow, useServerNow } from "./clock.js";
import { Fairness } from "./fairness.js";
import { Banner, ErrorBanner, TopBar } from "./frame.js";
import { html } from "./html.js";
import { count, duration, phone, t } from "./i18n.js";
import { ExpectedWaits } from "./wait.js";
import { Overflow } from "./overflow.js";
import { Callbacks } from "./callbacks.js";
import { Hours, SwitchedHours } from "./hours.js";
import { Ivr } from "./ivr.js";
import { Surveys } from "./surveys.js";
import { AssignTo, IntoTalk, MyTalk } from "./supervise.js";

const STALE_AFTER = 3500;
const ORDER = ["reserved", "on_call", "wrap_up", "working", "ready", "not_ready"];

export function BoardPage({ me, live, languages, onLanguage, onSignOut, onSeen, say }) {
  useServerNow();
  useEffect(() => {
    document.title = `${t("board.title")} · ${t("brand")}`;
  });
  const { board, online } = live;
  const age = board ? performance.now() - live.boardAt : 0;
  const stale = Boolean(board) && (age > STALE_AFTER || !online);
  return html`
    <div class="page board-page">
      <${TopBar} me=${me} online=${online} languages=${languages} onLanguage=${onLanguage} onSignOut=${onSignOut}>
        <h1 class="board-title">${t("board.title")}</h1>
        ${board && html`<span class="fresh ${stale ? "old" : ""}">${stale ? t("board.stale", { time: duration(age) }) : t("board.fresh")}</span>`}
      </${TopBar}>
      ${!online && live.wasOnline && html`<${Banner} kind="bad">${t("banner.offline")}</${Banner}>`}
      ${board?.frozen && html`<${Banner} kind="bad">${t("banner.frozen")}</${Banner}>`}
      ${board && html`<${SwitchedHours} hours=${board.hours} />`}
      <${ErrorBanner} error=${live.error} onSeen=${onSeen} />
      ${board && html`<main class="board ${stale ? "stale" : ""}">
        <${MyTalk} me=${me} live=${live} say=${say} />
        <${Figures} board=${board} stale=${stale} me=${me} say=${say} /></main>`}
    </div>`;
}

function Figures({ board, stale, me, say }) {
  // Stale figures stand still: a timer that runs on would look alive.
  const now = stale ? board.now : serverNow();
  const agents = board.agents.filter((a) => a.state !== "signed_out");
  return html`
    <${Tiles} board=${board} now=${now} agents=${agents} />
    <${Queues} board=${board} now=${now} />
    <${ExpectedWaits} queues=${board.queues} />
    <${Fairness} queues=${board.queues} />
    <div class="board-columns">
      <${Agents} agents=${agents} now=${now} into=${{ me, say, spies: board.spies }} />
      <${Callers} board=${board} now=${now} say=${say} />
      <${Callbacks} board=${board} now=${now} say=${say} />
      <${Hours} board=${board} say=${say} />
    </div>
    <${Ivr} />
    <${Surveys} />`;
}

const sum = (list, key) => list.reduce((total, item) => total + item[key], 0);
const percent = (part, whole) => (whole ? Math.round((100 * part) / whole) : null);
const shown = (value) => (value === null ? "–" : `${value} %`);

function levelOf(value, goal) {
  if (value === null) return "none";
  return value >= goal ? "good" : value >= goal - 10 ? "warn" : "bad";
}

function waitOf(waited, target) {
  return waited > target ? "bad" : waited > 0.75 * target ? "warn" : "good";
}

function lostOf(value) {
  if (value === null) return "none";
  return value > 8 ? "bad" : value > 5 ? "warn" : "good";
}

function figuresOf(queues) {
  const answered = sum(queues, "answered");
  const abandoned = sum(queues, "abandoned");
  return {
    answered,
    abandoned: percent(abandoned, answered + abandoned),
    level: percent(sum(queues, "within"), answered + abandoned),
    asa: answered ? sum(queues, "waited_sum") / answered : null,
  };
}

function longestOf(queues, now) {
  const waits = queues.filter((q) => q.longest_since > 0 && q.waiting > 0);
  if (waits.length === 0) return { waited: null, grade: "good" };
  const worst = { good: 0, warn: 1, bad: 2 };
  const grades = waits.map((q) => waitOf(now - q.longest_since, q.target));
  return {
    waited: Math.max(...waits.map((q) => now - q.longest_since)),
    grade: grades.sort((a, b) => worst[b] - worst[a])[0],
  };
}

function Tiles({ board, now, agents }) {
  const calls = board.queues.filter((q) => q.channel === "call");
  const all = figuresOf(calls);
  const longest = longestOf(calls, now);
  const level = levelOf(all.level, board.service_goal);
  const lost = lostOf(all.abandoned);
  const ready = agents.filter((a) => a.state === "ready").length;
  return html`
    <section class="tiles" aria-label=${t("board.title")}>
      <${Tile} id="waiting" name=${t("board.waiting")} value=${count(sum(calls, "waiting"))}
        note=${`${t("board.in_ivr")}: ${count(board.calls_in_ivr)}`} />
      <${Tile} id="longest" name=${t("board.longest")} value=${longest.waited === null ? "–" : duration(longest.waited)}
        grade=${longest.waited === null ? "" : longest.grade}
        note=${longest.waited === null ? t("board.nobody") : t(`board.wait.${longest.grade}`)} />
      <${Tile} id="service-level" name=${t("board.service_level")} value=${shown(all.level)} grade=${level}
        note=${t(`board.level.${level}`)} title=${t("board.formula", { goal: board.service_goal })} />
      <${Tile} id="answered" name=${t("board.answered")} value=${count(all.answered)}
        note=${all.asa === null ? "" : `${t("board.asa")} ${duration(all.asa)}`} />
      <${Tile} id="abandoned" name=${t("board.abandoned")} value=${shown(all.abandoned)} grade=${lost}
        note=${lost === "none" ? t("board.level.none") : t(`board.lost.${lost}`)} />
      <${Tile} id="ready" name=${t("board.ready")} value=${count(ready)}
        note=${t("board.signed_in", { count: count(agents.length) })} />
    </section>`;
}

function Tile({ id, name, value, note, grade = "", title = "" }) {
  return html`
    <div class="tile grade-${grade || "plain"}" data-tile=${id} title=${title}>
      <h2>${name}</h2><p class="figure">${value}</p><p class="note">${note}</p>
    </div>`;
}

function Queues({ board, now }) {
  return html`
    <section class="panel">
      <header><h2>${t("board.queues")}</h2><p class="formula">${t("board.service_level")}: ${t("board.formula", { goal: board.service_goal })}</p></header>
      <table>
        <thead><tr>
          <th scope="col">${t("board.queue")}</th><th scope="col">${t("board.waiting")}</th><th scope="col">${t("board.longest")}</th>
          <th scope="col">${t("board.service_level")}</th><th scope="col">${t("board.offered")}</th><th scope="col">${t("board.answered")}</th>
          <th scope="col">${t("board.abandoned")}</th><th scope="col" title=${t("board.moved_hint")}>${t("board.moved")}</th><th scope="col">${t("board.asa")}</th><th scope="col">${t("board.ready")}</th>
        </tr></thead>
        <tbody>${board.queues.map((q) => html`<${QueueRow} key=${q.queue} queue=${q} now=${now} goal=${board.service_goal} />`)}</tbody>
      </table>
    </section>`;
}

function QueueRow({ queue, now, goal }) {
  const { answered, abandoned, level, asa } = figuresOf([queue]);
  const longest = longestOf([queue], now);
  const grade = levelOf(level, goal);
  const lost = lostOf(abandoned);
  return html`
    <tr data-queue=${queue.queue}>
      <th scope="row">${queue.name || queue.queue}</th>
      <td>${count(queue.waiting)}</td>
      <td>${longest.waited === null ? "–" : html`<${Graded} grade=${longest.grade} words=${t(`board.wait.${longest.grade}`)}>${duration(longest.waited)}</${Graded}>`}</td>
      <td><${Graded} grade=${grade} words=${t(`board.level.${grade}`)}>${shown(level)}</${Graded}> <small>${t("board.within", { time: duration(queue.target) })}</small></td>
      <td>${count(queue.offered)}</td>
      <td>${count(answered)}</td>
      <td>${lost === "none" ? "–" : html`<${Graded} grade=${lost} words=${t(`board.lost.${lost}`)}>${shown(abandoned)}</${Graded}>`}</td>
      <td><${Overflow} queue=${queue} /></td>
      <td>${asa === null ? "–" : duration(asa)}</td>
      <td>${count(queue.ready)}</td>
    </tr>`;
}

function Graded({ grade, words, children }) {
  return html`<span class="graded grade-${grade}">${children}<em>${words}</em></span>`;
}

function Agents({ agents, now, into }) {
  return html`
    <section class="panel agents">
      <header><h2>${t("board.agents")}</h2></header>
      ${agents.length === 0 && html`<p class="none pad">${t("board.no_agents")}</p>`}
      ${ORDER.map((state) => [state, agents.filter((a) => a.state === state)])
        .filter(([, group]) => group.length > 0)
        .map(([state, group]) => html`
          <div class="group" key=${state}>
            <h3 class="state-${state}"><i aria-hidden="true"></i>${t(`state.${state}`)}<span>${t("board.people", { count: count(group.length) })}</span></h3>
            <ul>${group.sort((a, b) => a.since - b.since).map((a) => html`<${AgentChip} key=${a.agent} agent=${a} now=${now} into=${into} />`)}</ul>
          </div>`)}
    </section>`;
}

function AgentChip({ agent, now, into }) {
  const reason = agent.state === "not_ready" && agent.reason ? t(`reason.${agent.reason}`, {}, agent.reason) : "";
  return html`
    <li class="chip state-${agent.state} ${agent.overrun ? "overrun" : ""}" data-agent=${agent.agent}>
      <b>${agent.name || agent.agent}</b><span class="chip-time">${duration(now - agent.since)}</span>
      <span class="chip-note">${[reason, agent.overrun ? t("board.overrun") : "", agent.phone_state === "unreachable" ? t("phone.unreachable") : "", `${t("board.calls")} ${count(agent.handled)}`].filter(Boolean).join(" · ")}</span>
      <${IntoTalk} agent=${agent} ...${into} />
    </li>`;
}

function Callers({ board, now, say }) {
  const names = new Map(board.queues.map((q) => [q.queue, q.name || q.queue]));
  const agents = new Map(board.agents.map((a) => [a.agent, a.name || a.agent]));
  return html`
    <section class="panel callers">
      <header><h2>${t("board.callers")}</h2></header>
      ${board.waiting.length === 0 ? html`<p class="none pad">${t("board.no_waiting")}</p>` : html`
        <ol>${board.waiting.slice(0, 30).map((w) => html`
          <li key=${w.call}>
            <b>${w.call.startsWith("task:") ? w.call : phone(w.number) || t("pop.hidden")}</b><span class="chip-time">${duration(now - w.since)}</span>
            <span class="chip-note">${w.raised > 0 && html`<b class="overrun">${t("board.raised")}</b> · `}${w.identity === "verified" && html`<b class="verified">${t("board.verified")}</b> · `}${names.get(w.queue) ?? w.queue} · ${w.offered_to ? t("board.offered_to", { agent: agents.get(w.offered_to) ?? w.offered_to }) : t("board.in_line")}</span>
            <${AssignTo} waiting=${w} agents=${board.agents} say=${say} />
          </li>`)}</ol>`}
    </section>`;
}
