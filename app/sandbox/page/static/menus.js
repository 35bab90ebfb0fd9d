// Menus: a button opens a list in the top layer; arrows move in it, Escape closes it, focus returns to the button.

const closed = { button: null, at: 0 };

const items = (menu) => [...menu.querySelectorAll("[role=menuitem]")];

const place = (menu, button) => {
  const at = button.getBoundingClientRect();
  const width = menu.offsetWidth;
  const height = menu.offsetHeight;
  const below = at.bottom + height + 4 <= innerHeight || at.top < height + 4;
  menu.style.left = `${Math.max(4, Math.min(at.left, innerWidth - width - 4))}px`;
  menu.style.top = `${below ? Math.min(at.bottom + 4, Math.max(4, innerHeight - height - 4)) : at.top - height - 4}px`;
};

// Opens `menu` at `button`; `chosen` is called with the item that was taken.
export const openMenu = (menu, button, chosen) => {
  // A press on the button closes an open menu already, before its click arrives.
  if (menu.matches(":popover-open") || (closed.button === button && performance.now() - closed.at < 200)) return;
  menu.showPopover();
  place(menu, button);
  button.setAttribute("aria-expanded", "true");
  items(menu)[0]?.focus();
  const over = new AbortController();
  let left = false;
  const leave = () => {
    left = true;
    button.focus();
    menu.hidePopover();
  };
  menu.addEventListener("click", (event) => {
    const item = event.target.closest("[role=menuitem]");
    if (!item) return;
    event.stopPropagation();
    leave();
    chosen(item);
  }, { signal: over.signal });
  menu.addEventListener("keydown", (event) => {
    const all = items(menu);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const end = { Home: 0, End: all.length - 1 }[event.key];
    const at = all.indexOf(document.activeElement);
    if (step !== undefined) all[(at + step + all.length) % all.length].focus();
    else if (end !== undefined) all[end].focus();
    else if (event.key === "Escape" || event.key === "Tab") leave();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }, { signal: over.signal });
  menu.addEventListener("toggle", (event) => {
    if (event.newState !== "closed") return;
    button.setAttribute("aria-expanded", "false");
    if (!left) Object.assign(closed, { button, at: performance.now() });
    over.abort();
  }, { signal: over.signal });
};

// A menu of `[words, explanation, act]`, in the one element that such menus share.
export const openChoices = (menu, button, choices) => {
  menu.replaceChildren(...choices.map(([words, about], index) => {
    const item = document.createElement("button");
    item.type = "button";
    item.setAttribute("role", "menuitem");
    item.tabIndex = -1;
    item.dataset.index = index;
    item.textContent = words;
    if (about) {
      const small = document.createElement("small");
      small.textContent = about;
      item.append(small);
    }
    return item;
  }));
  openMenu(menu, button, (item) => choices[Number(item.dataset.index)][2]());
};
