// The app's modals, and the dialog that asks before a button acts.

import { kept, refill } from "./forms.js";

// Shows the modal's HTML, or none. What was typed stays while the same view is drawn anew; focus comes back at the end.
export const modals = (box) => {
  let from = null;
  let drawn = "";
  return (html) => {
    if (html === drawn) return;
    const before = box.firstElementChild;
    const typed = before && { view: before.dataset.view, values: kept(before) };
    const at = box.contains(document.activeElement) ? document.activeElement.dataset : null;
    drawn = html;
    if (!html) {
      if (box.open) box.close();
      box.replaceChildren();
      if (from?.isConnected) from.focus();
      from = null;
      return;
    }
    if (!box.open) from = document.activeElement;
    box.innerHTML = html;
    const form = box.firstElementChild;
    if (typed && typed.view === form.dataset.view) refill(form, typed.values);
    if (!box.open) box.showModal();
    const again = at?.action && typed?.view === form.dataset.view &&
      form.querySelector(`[data-block="${CSS.escape(at.block || "")}"][data-action="${CSS.escape(at.action)}"]`);
    const wrong = form.querySelector("[aria-invalid]");
    (wrong || again || form.querySelector("[autofocus]") || form.querySelector(".fill input, .fill select, .fill textarea, .fill button") || form.querySelector("footer button")).focus();
  };
};

// Asks with the texts and the style of a confirmation object; true when the person agreed.
export const confirmed = (box, given) => new Promise((resolve) => {
  const asked = JSON.parse(given);
  const from = document.activeElement;
  box.innerHTML = `<div class="modal"><header><h2 id="confirm-title">${asked.title}</h2></header>
    <div class="fill" id="confirm-text">${asked.text}</div>
    <footer><button type="button" class="act" value="no">${asked.deny}</button>
    <button type="button" class="act" value="yes">${asked.confirm}</button></footer></div>`;
  box.querySelector("[value=yes]").classList.add(asked.style === "danger" ? "danger" : "primary");
  const done = (answer) => {
    box.onclick = box.oncancel = null;
    box.close();
    if (from?.isConnected) from.focus();
    resolve(answer);
  };
  box.onclick = (event) => {
    const button = event.target.closest("button");
    if (button) done(button.value === "yes");
  };
  box.oncancel = (event) => {
    event.preventDefault();
    done(false);
  };
  box.showModal();
  box.querySelector("[value=no]").focus();
});
