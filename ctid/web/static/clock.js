// Timers run on the machine's time: each frame that carries `now` sets the difference anew.
import { useEffect, useState } from "preact/hooks";

let ahead = 0;

export function setServerTime(now) {
  ahead = now - performance.now();
}

export const serverNow = () => performance.now() + ahead;

/** The machine's time, with a redraw twice a second. */
export function useServerNow() {
  const [, redraw] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => redraw((n) => n + 1), 500);
    return () => clearInterval(timer);
  }, []);
  return serverNow();
}
