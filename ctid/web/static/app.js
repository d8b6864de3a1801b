// Start: language, who is signed in, then the page of that role.
import { render } from "preact";
import { useEffect, useReducer, useRef, useState } from "preact/hooks";
import { AgentPage } from "./agent.js";
import { api } from "./api.js";
import { BoardPage } from "./board.js";
import { html } from "./html.js";
import { chooseLanguage, startLanguage } from "./i18n.js";
import { follow, NOTHING } from "./live.js";
import { SignIn } from "./signin.js";
import { Stream } from "./stream.js";

function App({ welcome, first }) {
  const [me, setMe] = useState(first);
  const [over, setOver] = useState(false);
  const [, redraw] = useState(0);

  async function onLanguage(language) {
    await chooseLanguage(language);
    redraw((n) => n + 1);
  }

  if (!me || me.role === "service") {
    return html`<${SignIn} welcome=${welcome} over=${over} onSignedIn=${setMe} onLanguage=${onLanguage} />`;
  }
  const leave = (ended) => {
    setOver(ended);
    setMe(null);
  };
  return html`<${Signed} key=${me.csrf} me=${me} languages=${welcome.languages}
    onLanguage=${onLanguage} onLeft=${leave} />`;
}

function Signed({ me, languages, onLanguage, onLeft }) {
  const [live, take] = useReducer(follow, NOTHING);
  const stream = useRef(null);

  useEffect(() => {
    stream.current = new Stream({
      frame: take,
      link: (up) => take({ type: "link", up }),
      over: () => onLeft(true),
    });
    stream.current.start();
    return () => stream.current.stop();
  }, []);

  async function signOut() {
    try {
      await api.signOut();
    } catch (error) {
      if (error.status !== 401) {
        take({ type: "error", code: error.code, text: error.message });
        return;
      }
    }
    onLeft(false);
  }

  const Page = me.role === "agent" ? AgentPage : BoardPage;
  return html`<${Page} me=${me} live=${live} languages=${languages} onLanguage=${onLanguage}
    onSignOut=${signOut} onSeen=${() => take({ type: "error.seen" })}
    say=${(message) => stream.current?.say(message) ?? false} />`;
}

async function start() {
  const welcome = await api.welcome();
  await startLanguage(welcome.languages, welcome.language);
  render(html`<${App} welcome=${welcome} first=${welcome.me} />`, document.getElementById("app"));
}

start();
