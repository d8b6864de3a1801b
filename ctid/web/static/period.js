// Figures on record over a stretch of time that the supervisor chooses, asked for once a minute.
import { useEffect, useState } from "preact/hooks";
import { html } from "./html.js";
import { t } from "./i18n.js";
import { remember, remembered } from "./stored.js";

const HOUR = 3_600_000;
const PERIODS = { hour: HOUR, day: 24 * HOUR, week: 7 * 24 * HOUR, month: 30 * 24 * HOUR };
const EVERY = 60_000;

/** What `ask(milliseconds)` says, `failed` where it last did not; and the choice itself. */
export function useFigures(name, ask) {
  const key = `${name}.period`;
  const [period, setPeriod] = useState(remembered(key, "day"));
  const [found, setFound] = useState({ failed: false });
  useEffect(() => {
    let over = false;
    async function refresh() {
      try {
        const figures = await ask(PERIODS[period] ?? PERIODS.day);
        if (!over) setFound({ ...figures, failed: false });
      } catch {
        if (!over) setFound((before) => ({ ...before, failed: true }));
      }
    }
    refresh();
    const timer = setInterval(refresh, EVERY);
    return () => {
      over = true;
      clearInterval(timer);
    };
  }, [period]);
  function choose(event) {
    remember(key, event.target.value);
    setPeriod(event.target.value);
  }
  return [found, html`<${Period} period=${period} onChoose=${choose} />`];
}

function Period({ period, onChoose }) {
  return html`
    <label class="formula">${t("ivr.period")} <select value=${period} onChange=${onChoose}>
      ${Object.keys(PERIODS).map((one) => html`<option key=${one} value=${one}>${t(`ivr.period.${one}`)}</option>`)}
    </select></label>`;
}
