// The one WebSocket: reconnects by itself, notices a silent server, says what the user wants.
import { api } from "./api.js";
import { setServerTime } from "./clock.js";

const SESSION_OVER = 4401;
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 5000;

export class Stream {
  /** on: { frame(frame), link(isUp), over() } */
  constructor(on) {
    this.on = on;
    this.socket = null;
    this.stopped = true;
    this.pause = FIRST_PAUSE;
    this.pingEvery = 5000;
    this.heardAt = 0;
    this.timers = {};
  }

  start() {
    this.stopped = false;
    this.connect();
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timers.again);
    clearInterval(this.timers.ping);
    this.socket?.close();
  }

  /** Whether it went out; a message is never queued here. */
  say(message) {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  connect() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/api/stream`);
    this.socket = socket;
    socket.onmessage = ({ data }) => this.hear(JSON.parse(data));
    socket.onclose = ({ code }) => this.lost(socket, code);
  }

  hear(frame) {
    this.heardAt = performance.now();
    if (typeof frame.now === "number") setServerTime(frame.now);
    if (frame.type === "hello") {
      this.pause = FIRST_PAUSE;
      this.pingEvery = frame.ping_every;
      this.watch();
      this.on.link(true);
    }
    if (frame.type !== "pong") this.on.frame(frame);
  }

  watch() {
    clearInterval(this.timers.ping);
    this.timers.ping = setInterval(() => {
      // A cable pulled out closes nothing: two unanswered pings count as the end.
      if (performance.now() - this.heardAt > 2.5 * this.pingEvery) {
        this.lost(this.socket, 1006);
      } else {
        this.say({ type: "ping" });
      }
    }, this.pingEvery);
  }

  lost(socket, code) {
    if (socket !== this.socket) return; // an older connection, given up before
    clearInterval(this.timers.ping);
    this.socket = null;
    socket.onclose = null;
    socket.onmessage = null;
    socket.close();
    this.on.link(false);
    if (this.stopped) return;
    if (code === SESSION_OVER) {
      this.on.over();
      return;
    }
    // Spread the return of all pages after a restart of the server.
    const pause = this.pause * (0.5 + Math.random());
    this.pause = Math.min(this.pause * 1.7, LONGEST_PAUSE);
    this.timers.again = setTimeout(() => this.again(), pause);
  }

  async again() {
    // A refused handshake does not say why; this does. No answer at all: the server is away.
    const welcome = await api.welcome().catch(() => null);
    if (this.stopped) return;
    if (welcome && !welcome.me) this.on.over();
    else this.connect();
  }
}
