// Markup for preact without a build step. Values are always text: nothing here renders raw HTML.
import { h } from "preact";
import htm from "htm";

export const html = htm.bind(h);
