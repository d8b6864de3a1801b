// The control that sends the caller on: to a queue, a colleague or a number outside, with a note.
import { useEffect, useRef, useState } from "preact/hooks";
import { api } from "./api.js";
import { html } from "./html.js";
import { t } from "./i18n.js";

const KINDS = ["queue", "agent", "number"];
const LONGEST_NOTE = 200;

export function Transfer({ call, onSend }) {
  const [open, setOpen] = useState(false);
  useEffect(() => setOpen(false), [call]);
  return html`
    <button type="button" class="wide" aria-expanded=${open} aria-controls="transfer"
      onClick=${() => setOpen(!open)}>${t("transfer.open")}</button>
    ${open && html`<${Targets} onClose=${() => setOpen(false)}
      onPick=${(target, note) => onSend(call, target, note) && setOpen(false)} />`}`;
}

export function Targets({ onPick, onClose, id = "transfer", name = t("transfer.open"), kinds = KINDS }) {
  const [targets, setTargets] = useState(null);
  const [note, setNote] = useState("");
  const first = useRef(null);
  useEffect(() => {
    first.current?.focus();
    let gone = false;
    api.transferTargets()
      .then((answer) => gone || setTargets(answer.targets))
      .catch(() => gone || setTargets([]));
    return () => {
      gone = true;
    };
  }, []);
  const shown = kinds.map((kind) => [kind, (targets ?? []).filter((one) => one.kind === kind)]);
  return html`
    <div class="reasons" id=${id} role="group" aria-label=${name}
      onKeyDown=${(e) => e.key === "Escape" && onClose()}>
      <label class="eyebrow" for=${`${id}-note`}>${t("transfer.note")}</label>
      <input id=${`${id}-note`} ref=${first} maxlength=${LONGEST_NOTE} value=${note}
        onInput=${(e) => setNote(e.currentTarget.value)} />
      ${targets?.length === 0 && html`<p class="hint">${t("transfer.nobody")}</p>`}
      ${shown.map(([kind, some]) => some.length > 0 && html`
        <p class="eyebrow" key=${kind}>${t(`transfer.to.${kind}`)}</p>
        ${some.map((one) => html`
          <button type="button" key=${one.target} data-target=${`${kind}:${one.target}`}
            onClick=${() => onPick(one, note)}>
            ${one.name}${one.state && html` <span class="none">${t(`state.${one.state}`)}</span>`}</button>`)}`)}
    </div>`;
}
