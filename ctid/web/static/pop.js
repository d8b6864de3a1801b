// The pop card: who calls, why they are here, and what the CRM knows of them.
import { useState } from "preact/hooks";
import { html } from "./html.js";
import { count, duration, languageName, moment, phone, regionName, t } from "./i18n.js";

export function PopCard({ pop, state }) {
  const [picked, pick] = useState("");
  const several = pop.customers.length > 1;
  const customer = several ? pop.customers.find((c) => c.id === picked) : pop.customers[0];
  const stage = state === "reserved" ? "ringing" : state === "on_call" ? "on_call" : "after";
  return html`
    <article class="pop ${stage}" id="pop" data-pop=${pop.id}>
      <header class="pop-head">
        <div class="pop-line"><span class="ribbon">${t(`pop.${stage}`)}</span><span>${pop.queue}</span></div>
        <${Caller} pop=${pop} />
        ${pop.attempt > 0 && html`<p class="handed" id="callback"><b>${t("pop.callback", { attempt: count(pop.attempt) })}</b></p>`}
        ${pop.handed && html`<${Handed} handed=${pop.handed} />`}
        <${CallFacts} pop=${pop} />
      </header>
      <p class="out-of-sight" aria-live="assertive">${`${t(`pop.${stage}`)}: ${customer?.name || pop.caller_name || pop.number}. ${statusText(pop)}`}</p>
      <div class="pop-body">
        <${Status} pop=${pop} />
        ${several && !customer && html`<${Matches} customers=${pop.customers} onPick=${pick} />`}
        ${several && customer && html`<button type="button" class="quiet back" onClick=${() => pick("")}>← ${t("pop.back")}</button>`}
        ${customer && html`<${Customer} customer=${customer} />`}
        ${["none", "unavailable", "timeout"].includes(pop.status) && html`<${NoCard} status=${pop.status} />`}
        ${pop.status === "pending" && html`<div class="bones" aria-hidden="true"><i></i><i></i><i></i></div>`}
      </div>
      ${pop.reason && html`<footer class="pop-foot"><b>${t("pop.why")}</b> ${pop.reason}</footer>`}
    </article>`;
}

function numberText(pop) {
  if (pop.number_kind === "hidden" || !pop.number) return t("pop.hidden");
  return phone(pop.number);
}

const KINDS = { internal: "pop.internal", unknown: "pop.unknown_number" };

function Caller({ pop }) {
  const [copied, setCopied] = useState(false);
  const where = regionName(pop.region) || (KINDS[pop.number_kind] ? t(KINDS[pop.number_kind]) : "");
  async function copy() {
    await navigator.clipboard.writeText(pop.number);
    setCopied(true);
  }
  return html`
    <div class="caller">
      <h2 class="number ${pop.number ? "" : "hidden-number"}">${numberText(pop)}</h2>
      ${where && html`<span class="region">${where}</span>`}
      ${pop.caller_name && html`<span class="caller-name" title=${t("pop.caller_name")}>“${pop.caller_name}”</span>`}
      ${pop.number && html`<button type="button" class="quiet small" onClick=${copy}>${copied ? t("pop.copied") : t("pop.copy")}</button>`}
    </div>`;
}

function Handed({ handed }) {
  return html`
    <p class="handed" id="handed"><b>${t("pop.handed", { name: handed.name, when: moment(handed.at) })}</b>
      ${handed.note && html` <q>${handed.note}</q>`}</p>`;
}

// What is proved is the code: where the card is of somebody else, the badge must not speak for it.
function identityText(pop) {
  const another = pop.identity === "verified" && pop.customers.length > 0 && pop.matched_by !== "code";
  return t(another ? "pop.identity.other_card" : `pop.identity.${pop.identity}`);
}

function CallFacts({ pop }) {
  return html`
    <dl class="call-facts">
      <div><dt>${t("pop.waited")}</dt><dd>${duration(pop.waited)}</dd></div>
      <div><dt>${t("pop.code")}</dt><dd>${pop.code || html`<span class="none">${t("pop.code_none")}</span>`}</dd></div>
      <div><dt>${t("pop.identity")}</dt>
        <dd><span class="badge identity-${pop.identity}" id="identity" data-identity=${pop.identity}>${identityText(pop)}</span></dd></div>
      ${pop.language && html`<div><dt>${t("pop.language")}</dt><dd>${languageName(pop.language)}</dd></div>`}
      ${pop.recordings?.length > 0 && html`<div class="wide-fact"><dt>${t("pop.recordings")}</dt>
        <dd><ul class="recordings" id="recordings">${pop.recordings.map((one) => html`<li key=${one.file}><${Recording} recording=${one} /></li>`)}</ul></dd></div>`}
      ${pop.path.length > 0 && html`<div class="wide-fact"><dt>${t("pop.path")}</dt>
        <dd><ol class="path">${pop.path.map((step, i) => html`<li key=${i}>${step}</li>`)}</ol></dd></div>`}
    </dl>`;
}

function Recording({ recording }) {
  const told = html`${recording.step} <span class="length">${duration(recording.length)}</span>`;
  if (!recording.link) return told;
  return html`<a href=${recording.link} target="_blank" rel="noopener noreferrer">▶ ${told}</a>`;
}

function statusText(pop) {
  return t(`pop.status.${pop.status}`, { count: pop.customers.length });
}

function Status({ pop }) {
  const matched = pop.matched_by && pop.customers.length > 0 ? t(`pop.matched.${pop.matched_by}`) : "";
  return html`<p class="status status-${pop.status}" data-status=${pop.status}><b>${statusText(pop)}</b>${matched && html`<span>${matched}</span>`}</p>`;
}

function NoCard({ status }) {
  return html`<p class="no-card">${status === "none" ? t("pop.none_hint") : t("pop.unavailable_hint")}</p>`;
}

const lastAt = (customer) => customer.last_contacts[0]?.at ?? 0;

function Matches({ customers, onPick }) {
  const inOrder = [...customers].sort((a, b) => lastAt(b) - lastAt(a));
  return html`
    <ol class="matches">
      ${inOrder.map((customer) => html`
        <li key=${customer.id}><button type="button" onClick=${() => onPick(customer.id)}>
          <${Avatar} customer=${customer} />
          <span class="match-who"><b>${customer.name}</b><span>${[customer.company, customer.code].filter(Boolean).join(" · ")}</span></span>
          <${Badges} customer=${customer} />
          <span class="match-when">${lastAt(customer) ? t("pop.last_contact", { when: moment(lastAt(customer)) }) : t("pop.no_contacts")}</span>
        </button></li>`)}
    </ol>`;
}

function Avatar({ customer }) {
  const latin = /^[\x20-\x7e]+$/.test(customer.name);
  const parts = customer.name.trim().split(/\s+/);
  const mark = latin ? parts.map((p) => p[0]).slice(0, 2).join("") : [...customer.name].slice(-2).join("");
  return html`<span class="avatar" aria-hidden="true">${mark}</span>`;
}

function Badges({ customer }) {
  return html`
    <span class="badges">
      ${customer.vip && html`<span class="badge vip">★ ${t("pop.vip")}</span>`}
      ${customer.grade && html`<span class="badge grade">${t("pop.grade", { grade: customer.grade })}</span>`}
      ${customer.open_complaints.length > 0 && html`<span class="badge alarm">! ${customer.open_complaints.length}</span>`}
    </span>`;
}

function Customer({ customer }) {
  return html`
    <section class="customer" aria-label=${customer.name}>
      <div class="customer-head">
        <${Avatar} customer=${customer} />
        <div><h3>${customer.name}</h3>${customer.name_latin && customer.name_latin !== customer.name && html`<p class="latin">${customer.name_latin}</p>`}</div>
        <${Badges} customer=${customer} />
      </div>
      <dl class="customer-facts">
        <${Fact} name=${t("pop.customer_code")} value=${customer.code} />
        <${Fact} name=${t("pop.company")} value=${customer.company} />
        <${Fact} name=${t("pop.segment")} value=${customer.segment} />
        <${Fact} name=${t("pop.order_value")} value=${customer.order_value > 0 && count(customer.order_value)} />
        <${Fact} name=${t("pop.email")} value=${customer.email} />
        <${Fact} name=${t("pop.language")} value=${languageName(customer.language)} />
        <${Fact} name=${t("pop.numbers")} value=${customer.numbers.length > 0 && customer.numbers.map((number) => html`<span key=${number}>${phone(number)}</span>`)} />
      </dl>
      <div class="columns">
        <${Complaints} complaints=${customer.open_complaints} />
        <${Contacts} contacts=${customer.last_contacts} />
      </div>
    </section>`;
}

function Fact({ name, value }) {
  return value ? html`<div><dt>${name}</dt><dd>${value}</dd></div>` : null;
}

function Complaints({ complaints }) {
  if (complaints.length === 0) return html`<section class="complaints calm"><p>✓ ${t("pop.no_complaints")}</p></section>`;
  return html`
    <section class="complaints">
      <h4>${t("pop.complaints", { count: complaints.length })}</h4>
      <ul>${complaints.map((c) => html`<li key=${c.id}><p>${c.text}</p><time>${moment(c.opened_at)}</time></li>`)}</ul>
    </section>`;
}

function Contacts({ contacts }) {
  return html`
    <section class="contacts">
      <h4>${t("pop.contacts")}</h4>
      ${contacts.length === 0 ? html`<p class="none">${t("pop.no_contacts")}</p>` : html`
        <ol>${contacts.map((c, i) => html`
          <li key=${i}>
            <p class="contact-line"><b>${t(`channel.${c.channel}`, {}, c.channel)}</b><time>${moment(c.at)}</time></p>
            <p>${c.summary}</p>${c.agent && html`<p class="none">${t("pop.by_agent", { agent: c.agent })}</p>`}
          </li>`)}</ol>`}
    </section>`;
}
