// What a caller who joins now has to expect in each queue, and how far off this was today.
import { html } from "./html.js";
import { count, duration, t } from "./i18n.js";

export function ExpectedWaits({ queues }) {
  return html`
    <section class="panel" data-panel="wait">
      <header><h2>${t("wait.title")}</h2><p class="formula">${t("wait.formula")}</p></header>
      <table>
        <thead><tr>
          <th scope="col">${t("board.queue")}</th><th scope="col">${t("wait.now")}</th><th scope="col">${t("wait.mean")}</th>
          <th scope="col">${t("wait.bias")}</th><th scope="col">${t("wait.longer")}</th><th scope="col">${t("wait.measured")}</th>
        </tr></thead>
        <tbody>${queues.map((queue) => html`<${Row} key=${queue.queue} queue=${queue} />`)}</tbody>
      </table>
    </section>`;
}

function Row({ queue }) {
  const { mean, low, high, measured, bias, judged, too_short } = queue.wait;
  return html`
    <tr data-wait=${queue.queue}>
      <th scope="row">${queue.name || queue.queue}</th>
      <td>${mean === null ? t("wait.nobody") : low === high ? duration(mean) : `${duration(low)} – ${duration(high)}`}</td>
      <td>${mean === null ? "–" : duration(mean)}</td>
      <td>${bias === null ? "–" : t(bias < 0 ? "wait.too_short" : "wait.too_long", { time: duration(Math.abs(bias)) })}</td>
      <td>${judged === 0 ? "–" : `${Math.round((100 * too_short) / judged)} %`}</td>
      <td>${count(measured)}</td>
    </tr>`;
}
