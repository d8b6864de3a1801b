// How evenly each queue's agents are loaded in this hour. The figures come in ten-thousandths.
import { html } from "./html.js";
import { count, duration, t } from "./i18n.js";

const percent = (share) => `${Math.round(share / 100)} %`;
/** With one decimal: an index of 99.4 % is not the same as one of 100 %. */
const index = (share) => `${count(Math.round(share / 10) / 10)} %`;

export function Fairness({ queues }) {
  const known = queues.filter((queue) => queue.fairness);
  return html`
    <section class="panel" data-panel="fairness">
      <header><h2>${t("fair.title")}</h2><p class="formula">${t("fair.formula")}</p></header>
      ${known.length === 0 ? html`<p class="none pad">${t("fair.none")}</p>` : html`
        <table>
          <thead><tr>
            <th scope="col">${t("board.queue")}</th><th scope="col">${t("fair.agents")}</th>
            <th scope="col">${t("fair.occupancy")}</th><th scope="col">${t("fair.spread")}</th>
            <th scope="col">${t("fair.gap")}</th><th scope="col">${t("fair.time")}</th><th scope="col">${t("fair.contacts")}</th>
          </tr></thead>
          <tbody>${known.map((queue) => html`<${Row} key=${queue.queue} queue=${queue} />`)}</tbody>
        </table>`}
    </section>`;
}

function Row({ queue }) {
  const f = queue.fairness;
  // One agent alone can be compared with nobody.
  const compared = (shown) => (f.agents > 1 ? shown : "–");
  return html`
    <tr data-fairness=${queue.queue}>
      <th scope="row">${queue.name || queue.queue}</th>
      <td>${count(f.agents)}</td>
      <td>${percent(f.occupancy)}</td>
      <td>${compared(`${percent(f.occupancy_spread)} (σ ${percent(f.occupancy_deviation)})`)}</td>
      <td>${compared(duration(f.idle_gap))}</td>
      <td>${compared(index(f.jain_time))}</td>
      <td>${compared(index(f.jain_contacts))}</td>
    </tr>`;
}
