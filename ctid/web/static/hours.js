// On the board: which opening hours are open now, and the switch that goes before their schedule.
import { useRef } from "preact/hooks";
import { html } from "./html.js";
import { currentLanguage, t } from "./i18n.js";

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
      <span class="graded grade-${hours.open ? "good" : "none"}"><em>${t(hours.open ? "hours.open" : "hours.closed")}</em></span>
      <span class="chip-note">${hours.to ? html`<b class="overrun">${switched(hours)}</b>` : t(`hours.day.${hours.day}`)}</span>
      <div class="assign hours-switch" role="group" aria-label=${t("hours.switch", { hours: hours.hours })}>
        <label>${t("hours.until")} <input type="time" ref=${until} title=${t("hours.until_hint", { zone: hours.timezone })} /></label>
        <button type="button" class="quiet" data-to="closed" aria-pressed=${hours.to === "closed"} onClick=${() => turn("closed")}>${t("hours.close")}</button>
        <button type="button" class="quiet" data-to="open" aria-pressed=${hours.to === "open"} onClick=${() => turn("open")}>${t("hours.open_now")}</button>
        ${hours.to && html`
          <button type="button" class="quiet" data-to="schedule" onClick=${() => turn("schedule")}>${t("hours.schedule")}</button>`}
      </div>
    </li>`;
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
