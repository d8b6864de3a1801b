// REST calls. Every failure is an ApiError with a stable code; "network" when nothing came back.

export class ApiError extends Error {
  constructor(status, code, text) {
    super(text);
    this.status = status;
    this.code = code;
  }
}

let csrf = "";

async function ask(method, path, body) {
  const headers = {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (method !== "GET" && csrf) headers["X-CSRF-Token"] = csrf;
  let response;
  try {
    response = await fetch(path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin",
    });
  } catch {
    throw new ApiError(0, "network", "");
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) {
    throw new ApiError(response.status, answer.code || "other", answer.text || "");
  }
  return answer;
}

function remember(me) {
  csrf = me?.csrf ?? "";
}

export const api = {
  /** Who is signed in (`me`, or null), the languages, and in the demo its accounts. */
  async welcome() {
    const welcome = await ask("GET", "/api/welcome");
    remember(welcome.me);
    return welcome;
  },
  async signIn(login, password, language) {
    const me = await ask("POST", "/api/session", { login, password, language });
    remember(me);
    return me;
  },
  signOut: () => ask("DELETE", "/api/session"),
  /** Whom a caller may be sent to now. */
  transferTargets: () => ask("GET", "/api/transfer"),
  /** Whom the agent may take out of turn now. */
  pullable: () => ask("GET", "/api/pull"),
  /** What became of callers in the flows in the last so many milliseconds. */
  ivr: (last) => ask("GET", `/api/ivr?last=${last}`),
  /** What callers answered after the talk in the last so many milliseconds. */
  surveys: (last) => ask("GET", `/api/surveys?last=${last}`),
  catalogue: (language) => ask("GET", `/i18n/${encodeURIComponent(language)}.json`),
};
