// Language, light or dark, and the search among the decisions. Nothing is fetched or kept elsewhere.
(() => {
  "use strict";
  const root = document.documentElement;
  const byId = (id) => document.getElementById(id);

  /** What the reader chose before, where the browser lets a file remember anything. */
  function remembered(key) {
    try {
      return localStorage.getItem(`ctid-sim.${key}`);
    } catch {
      return null;
    }
  }

  function remember(key, value) {
    try {
      localStorage.setItem(`ctid-sim.${key}`, value);
    } catch {
      // Then the choice lasts as long as the page.
    }
  }

  const languages = [...document.querySelectorAll("[data-language]")];

  function speak(language) {
    root.lang = language;
    for (const button of languages) {
      button.setAttribute("aria-pressed", String(button.dataset.language === language));
    }
  }

  function theBrowsers() {
    for (const wanted of navigator.languages ?? [navigator.language]) {
      if (wanted.startsWith("zh")) return "zh-CN";
      if (wanted.startsWith("en")) return "en";
    }
    return root.lang;
  }

  for (const button of languages) {
    button.addEventListener("click", () => {
      speak(button.dataset.language);
      remember("language", button.dataset.language);
    });
  }
  speak(remembered("language") ?? theBrowsers());

  const isDark = () => getComputedStyle(root).colorScheme === "dark";
  const theme = remembered("theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  byId("theme").addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    remember("theme", root.dataset.theme);
  });
  // Paper is light, and nothing on it can be unfolded.
  let before;
  let folded = [];
  addEventListener("beforeprint", () => {
    before = root.dataset.theme;
    root.dataset.theme = "light";
    folded = [...document.querySelectorAll("details:not([open])")];
    for (const part of folded) part.open = true;
  });
  addEventListener("afterprint", () => {
    if (before === undefined) delete root.dataset.theme;
    else root.dataset.theme = before;
    for (const part of folded) part.open = false;
  });

  // -- the decisions --

  const MOST = 50;
  const input = byId("call");
  if (input === null) return;
  const known = JSON.parse(byId("decisions").textContent);
  const body = byId("answers").querySelector("tbody");
  const strategies = new Map(
    [...document.querySelectorAll("template[data-strategy]")].map((t) => [t.dataset.strategy, t]),
  );

  /** Only ever as text: names and reasons are other people's words. */
  function cell(tag, content, text) {
    const made = document.createElement(tag);
    if (tag === "th") made.scope = "row";
    if (text) made.className = "text";
    made.append(content);
    return made;
  }

  function line([call, queue, agent, strategy, reason, waited, available, waiting, at]) {
    const row = document.createElement("tr");
    row.append(
      cell("th", call),
      cell("td", at, true),
      cell("td", known.queues[queue] ?? queue, true),
      cell("td", known.agents[agent] ?? agent, true),
      cell("td", reason, true),
      cell("td", strategies.get(strategy).content.cloneNode(true), true),
      cell("td", waited),
      cell("td", String(available)),
      cell("td", String(waiting)),
    );
    return row;
  }

  function search() {
    const wanted = input.value.trim();
    const exact = known.rows.filter((row) => row[0] === wanted);
    const found = exact.length ? exact : known.rows.filter((row) => row[0].includes(wanted));
    const any = wanted !== "" && found.length > 0;
    body.replaceChildren(...(any ? found.slice(0, MOST).map(line) : []));
    byId("answers").hidden = !any;
    byId("no-decision").hidden = wanted === "" || any;
    byId("more").hidden = !any || found.length <= MOST;
    byId("found").hidden = !any;
    byId("number").textContent = String(found.length);
  }

  input.addEventListener("input", search);
  for (const button of document.querySelectorAll("[data-call]")) {
    button.addEventListener("click", () => {
      input.value = button.dataset.call;
      search();
      input.focus();
      input.scrollIntoView({ block: "center" });
    });
  }
})();
