// What callers answered after the talk: of each queue and agent, question by question.
import { api } from "./api.js";
import { html } from "./html.js";
import { count, t } from "./i18n.js";
import { useFigures } from "./period.js";

const BEST = 5;

export function Surveys() {
  const [found, period] = useFigures("surveys", api.surveys);
  const rows = found.surveys;
  return html`
    <section class="panel" id="surveys" data-panel="surveys">
      <header><h2>${t("surveys.title")}</h2>${period}</header>
      ${found.failed && html`<p class="none pad" role="status">${t("ivr.unknown")}</p>`}
      ${rows?.length === 0 && html`<p class="none pad">${t("surveys.nobody")}</p>`}
      ${rows?.length > 0 && html`<${Answers} rows=${rows} />`}
    </section>`;
}

function Answers({ rows }) {
  return html`
    <table>
      <thead><tr>
        <th scope="col">${t("board.queue")}</th><th scope="col">${t("surveys.agent")}</th>
        <th scope="col">${t("surveys.question")}</th><th scope="col">${t("surveys.answers")}</th>
        <th scope="col">${t("surveys.mean")}</th><th scope="col">${t("surveys.spread")}</th>
      </tr></thead>
      <tbody>${rows.map((row) => html`<${Row} key=${`${row.queue}/${row.agent}/${row.question}/${row.kind}`} row=${row} />`)}</tbody>
    </table>
    <p class="none pad">${t("surveys.formula")}</p>`;
}

function Row({ row }) {
  const asked = row.kind === "yes_no";
  const mean = asked ? `${count(Math.round(100 * row.mean))} %` : t("surveys.of_five", { mean: count(row.mean) });
  const values = asked ? [1, 0] : [5, 4, 3, 2, 1];
  const told = values.filter((value) => row.values[value])
    .map((value) => `${asked ? t(`surveys.${value ? "yes" : "no"}`) : count(value)}: ${count(row.values[value])}`);
  return html`
    <tr data-survey=${`${row.queue}/${row.agent}/${row.question}`}>
      <th scope="row">${row.queue || "–"}</th><td>${row.agent || "–"}</td><td>${row.question}</td>
      <td>${count(row.answers)}</td>
      <td class="wide"><progress max=${asked ? 1 : BEST} value=${row.mean} aria-label=${t("surveys.mean_of", { question: row.question, agent: row.agent || "–" })}></progress> <b>${mean}</b></td>
      <td><small>${told.join(" · ")}</small></td>
    </tr>`;
}
