// Rows of a list of messages by their keys: replaced, added in their place, or taken away; nothing else is drawn.

import { kept, refill } from "./forms.js";

const row = (html) => {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return holder.content.firstElementChild;
};

const key = (element) => Number(element.dataset.key);

// Where the keyboard is within a row, to be there again in the row that replaces it.
const spot = (old) => {
  const one = document.activeElement;
  if (!old.contains(one)) return null;
  if (one.dataset.action) return `[data-action="${CSS.escape(one.dataset.action)}"][data-block="${CSS.escape(one.dataset.block || "")}"]`;
  return one.matches("[data-more]") ? "[data-more]" : ".message";
};

const before = (list, wanted) => {
  // Nearly always the new row is the last.
  for (let one = list.lastElementChild; one; one = one.previousElementSibling) {
    if (one.dataset.key && key(one) < wanted) return one;
  }
  return null;
};

// Applies `[key, html]` pairs. Returns the articles that are new at the end.
export const merge = (list, changed) => {
  const fresh = [];
  for (const [at, html] of changed) {
    const old = list.querySelector(`:scope > [data-key="${at}"]`);
    const made = html ? row(html) : null;
    if (old && made) {
      const focus = spot(old);
      const typed = kept(old);
      old.replaceWith(made);
      refill(made, typed);
      if (focus) made.querySelector(focus)?.focus({ preventScroll: true });
    } else if (old) {
      old.remove();
    } else if (made) {
      const previous = before(list, at);
      if (previous) previous.after(made);
      else {
        const first = list.querySelector(":scope > [data-key]");
        if (first) first.before(made);
        else list.replaceChildren(made);
      }
      if (!made.nextElementSibling) fresh.push(made);
    }
  }
  return fresh;
};

// Arrow keys go from message to message.
export const walk = (list) => list.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || (event.target !== list && !event.target.matches("article"))) return;
  const all = [...list.querySelectorAll("article")];
  const at = all.indexOf(event.target);
  const next = at < 0 ? all.at(-1) : all[at + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
  next.scrollIntoView({ block: "nearest" });
});
