// The ring: two soft notes, made here, so that no audio file has to be fetched.
import { useEffect } from "preact/hooks";

let context = null;

function note(frequency, at, length) {
  const tone = context.createOscillator();
  const level = context.createGain();
  tone.type = "sine";
  tone.frequency.value = frequency;
  level.gain.setValueAtTime(0, at);
  level.gain.linearRampToValueAtTime(0.18, at + 0.03);
  level.gain.exponentialRampToValueAtTime(0.001, at + length);
  tone.connect(level).connect(context.destination);
  tone.start(at);
  tone.stop(at + length);
}

/** Browsers keep a page silent until it was clicked; signing in is such a click, a reload none. */
export const soundAllowed = () => navigator.userActivation?.hasBeenActive ?? true;

export function ring() {
  if (!soundAllowed()) return;
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume().catch(() => {});
  const now = context.currentTime;
  note(660, now, 0.5);
  note(880, now + 0.22, 0.6);
}

/** Ring every two seconds while `ringing`. */
export function useRing(ringing) {
  useEffect(() => {
    if (!ringing) return undefined;
    ring();
    const timer = setInterval(ring, 2000);
    return () => clearInterval(timer);
  }, [ringing]);
}
