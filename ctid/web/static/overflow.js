// What overflow rules did with a queue's callers today, each reason apart.
import { html } from "./html.js";
import { count, t } from "./i18n.js";

const KINDS = ["closed", "no_agent", "full", "timed_out", "by_key"];

export function Overflow({ queue }) {
  const moved = KINDS.filter((kind) => queue[kind] > 0);
  if (moved.length === 0) return "–";
  const total = moved.reduce((sum, kind) => sum + queue[kind], 0);
  const words = moved.map((kind) => `${t(`board.moved.${kind}`)} ${count(queue[kind])}`);
  if (queue.overflowed) words.push(t("board.moved.on", { count: count(queue.overflowed) }));
  return html`<span data-moved title=${t("board.moved_hint")}>${count(total)} <small class="expected-miss">${words.join(" · ")}</small></span>`;
}
