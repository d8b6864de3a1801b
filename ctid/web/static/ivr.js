// What became of callers in the flows, step by step: figures on record.
import { api } from "./api.js";
import { html } from "./html.js";
import { count, t } from "./i18n.js";
import { useFigures } from "./period.js";

/** Ways that end a visit; all others but on_fail lead to another step as it should be. */
const ENDS = ["hung_up", "broken", "queue", "voicemail", "callback", "transferred", "ended", "served"];
const ELSEWHERE = ["voicemail", "callback", "transferred", "unserved", "broken"];

const share = (part, whole) => (whole ? part / whole : null);
const percent = (value) => (value === null ? "–" : `${count(Math.round(1000 * value) / 10)} %`);
const seconds = (ms) => (ms ? t("ivr.within", { seconds: count(ms / 1000) }) : t("ivr.longer"));

export function Ivr() {
  const [found, period] = useFigures("ivr", api.ivr);
  return html`
    <section class="panel" id="ivr" data-panel="ivr">
      <header>
        <h2>${t("ivr.title")}</h2>
        ${period}
      </header>
      ${found.failed && html`<p class="none pad" role="status">${t("ivr.unknown")}</p>`}
      ${found.flows?.length === 0 && html`<p class="none pad">${t("ivr.nobody")}</p>`}
      ${found.flows?.length > 0 && html`
        <${Flows} flows=${found.flows} /><${Steps} steps=${found.steps} />
        <p class="none pad">${t("ivr.formula")}</p>`}
    </section>`;
}

/** How many visits ended so, by whatever way. */
function ended(flow, outcome) {
  return Object.entries(flow.outcomes)
    .filter(([name]) => name.split("/")[0] === outcome)
    .reduce((sum, [, visits]) => sum + visits, 0);
}

function Flows({ flows }) {
  return html`
    <table>
      <thead><tr>
        <th scope="col">${t("ivr.flow")}</th><th scope="col">${t("ivr.visits")}</th>
        <th scope="col">${t("ivr.contained")}</th><th scope="col">${t("ivr.contained_net")}</th>
        <th scope="col">${t("ivr.to_agents")}</th><th scope="col">${t("ivr.elsewhere")}</th><th scope="col">${t("ivr.hung_up")}</th>
      </tr></thead>
      <tbody>${flows.map((flow) => html`<${FlowRow} key=${flow.flow} flow=${flow} />`)}</tbody>
    </table>`;
}

function FlowRow({ flow }) {
  const ways = ["asked", "failed", "led"]
    .filter((way) => flow.outcomes[`queue/${way}`])
    .map((way) => t(`ivr.way.${way}`, { count: count(flow.outcomes[`queue/${way}`]) }));
  const elsewhere = ELSEWHERE.filter((outcome) => ended(flow, outcome))
    .map((outcome) => t(`ivr.outcome.${outcome}`, { count: count(ended(flow, outcome)) }));
  return html`
    <tr data-flow=${flow.flow}>
      <th scope="row">${flow.flow}</th>
      <td>${count(flow.visits)}</td>
      <td><b>${percent(share(flow.contained, flow.visits))}</b></td>
      <td>${percent(share(flow.contained, flow.visits - flow.early))}</td>
      <td>${percent(share(ended(flow, "queue"), flow.visits))}${ways.length > 0 && html` <small>${ways.join(" · ")}</small>`}</td>
      <td>${elsewhere.length ? html`<small>${elsewhere.join(" · ")}</small>` : "–"}</td>
      <td><${Lost} name=${flow.flow} part=${ended(flow, "hung_up")} whole=${flow.visits} /></td>
    </tr>`;
}

function Steps({ steps }) {
  // The way of most callers first: read downwards, it is where they get fewer.
  const ordered = [...steps].sort((a, b) => a.flow.localeCompare(b.flow) || b.entered - a.entered);
  return html`
    <table>
      <thead><tr>
        <th scope="col">${t("ivr.step")}</th><th scope="col">${t("ivr.entered")}</th><th scope="col">${t("ivr.went_on")}</th>
        <th scope="col">${t("ivr.failed")}</th><th scope="col">${t("ivr.wrong")}</th><th scope="col">${t("ivr.silent")}</th>
        <th scope="col">${t("ivr.half_within")}</th><th scope="col">${t("ivr.most_within")}</th><th scope="col">${t("ivr.hung_up_here")}</th>
      </tr></thead>
      <tbody>${ordered.map((step) => html`<${StepRow} key=${`${step.flow}/${step.step}`} step=${step} />`)}</tbody>
    </table>`;
}

function StepRow({ step }) {
  const on = Object.entries(step.ways)
    .filter(([way]) => way !== "on_fail" && !ENDS.includes(way));
  const keys = on.filter(([way]) => way.length === 1)
    .map(([way, times]) => t("ivr.key", { key: way, count: count(times) }));
  const name = `${step.flow}/${step.step}`;
  return html`
    <tr data-step=${name}>
      <th scope="row">${name}</th>
      <td>${count(step.entered)}</td>
      <td>${count(on.reduce((sum, [, times]) => sum + times, 0))}${keys.length > 0 && html` <small>${keys.join(" · ")}</small>`}</td>
      <td>${count(step.ways.on_fail ?? 0)}</td>
      <td>${count(step.wrong)}</td>
      <td>${count(step.silent)}</td>
      <td>${seconds(step.half_within)}</td>
      <td>${seconds(step.most_within)}</td>
      <td><${Lost} name=${name} part=${step.ways.hung_up ?? 0} whole=${step.entered} /></td>
    </tr>`;
}

function Lost({ name, part, whole }) {
  const lost = share(part, whole);
  return html`
    <span class="lost">
      <progress max="1" value=${lost ?? 0} aria-label=${t("ivr.lost_at", { name })}></progress>
      <span>${percent(lost)} <small>${count(part)}</small></span>
    </span>`;
}
