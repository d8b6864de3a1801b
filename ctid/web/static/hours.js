// On the board: which opening hours are open now, and the switch that goes before their schedule.
import { useRef } from "preact/hooks";
import { Banner } from "./frame.js";
import { html } from "./html.js";
import { currentLanguage, t } from "./i18n.js";

/** At the top of the board, for as long as somebody's word goes before a schedule. */
export function SwitchedHours({ hours }) {
  return hours.filter((h) => h.to).map((h) => html`
    <${Banner} kind="warn" key=${h.hours}>${t("hours.switched", { hours: h.hours, how: switched(h) })}</${Banner}>`);
}

export function Hours({ board, say }) {
  if (board.hours.length === 0) return null;
  return html`
    <section class="panel callers" id="hours">
      <header><h2>${t("hours.title")}</h2></header>
      <ol>${board.hours.map((h) => html`<${One} key=${h.hours} hours=${h} say=${say} />`)}</ol>
    </section>`;
}

function One({ hours, say }) {
  const until = useRef(null);
  function turn(to) {
    say({ type: "hours", hours: hours.hours, to, until: to === "schedule" ? "" : until.current.value });
    until.current.value = "";
  }
  return html`
    <li data-hours=${hours.hours} data-open=${hours.open} data-switch=${hours.to}>
      <b>${hours.hours}</b>
      <span class="graded grade-${hours.to ? "warn" : hours.open ? "good" : "none"}"><em>${t(hours.open ? "hours.open" : "hours.closed")}</em></span>
      <span class="chip-note">${hours.to ? switched(hours) : scheduled(hours)}</span>
      <div class="hours-switch" role="group" aria-label=${t("hours.switch", { hours: hours.hours })}>
        <label>${t("hours.until")} <input type="time" ref=${until} title=${t("hours.until_hint", { zone: hours.timezone })} /></label>
        <button type="button" class="small" data-to="closed" aria-pressed=${hours.to === "closed"} onClick=${() => turn("closed")}>${t("hours.close")}</button>
        <button type="button" class="small" data-to="open" aria-pressed=${hours.to === "open"} onClick=${() => turn("open")}>${t("hours.open_now")}</button>
        ${hours.to && html`
          <button type="button" class="small" data-to="schedule" onClick=${() => turn("schedule")}>${t("hours.schedule")}</button>`}
      </div>
    </li>`;
}

function scheduled(hours) {
  const day = t(`hours.day.${hours.day}`);
  if (!hours.turns_at) return day;
  const at = there(hours.turns_at, hours.timezone);
  return `${day} · ${t(hours.open ? "hours.closes" : "hours.opens", { at })}`;
}

function switched(hours) {
  const values = {
    name: hours.name || hours.login,
    since: there(hours.since, hours.timezone),
    until: hours.until ? there(hours.until, hours.timezone) : "",
  };
  return hours.until ? t(`hours.until.${hours.to}`, values) : t(`hours.by.${hours.to}`, values);
}

/** A wall time as calendar and clock of that zone show it. */
function there(ms, timeZone) {
  return new Intl.DateTimeFormat(currentLanguage(), { dateStyle: "short", timeStyle: "short", timeZone }).format(ms);
}
