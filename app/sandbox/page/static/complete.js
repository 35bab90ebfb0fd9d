// Completion in the composer: commands with their hints, @people, #channels, :emoji:. Arrows, Enter or Tab, Escape.

const MOST = 8;

// What can be offered for the text before the caret: the part to replace, and the offers for it.
const offers = (before, known) => {
  const command = /^\/\S*$/.exec(before);
  if (command) {
    return known.commands.filter((one) => one.name.startsWith(before.toLowerCase()))
      .sort((one, other) => one.name.length - other.name.length)
      .map((one) => ({ from: 0, put: `${one.name} `, shown: one.name, hint: one.hint, about: one.about }));
  }
  const found = /(?:^|\s)([@#:])([\w.+-]*)$/.exec(before);
  if (!found) return [];
  const [, sign, typed] = found;
  const from = before.length - typed.length - 1;
  const word = typed.toLowerCase();
  if (sign === "@") {
    return known.people.filter((one) => one.name.startsWith(word) || one.shown.toLowerCase().split(" ").some((part) => part.startsWith(word)))
      .map((one) => ({ from, put: `@${one.name} `, shown: one.shown, hint: `@${one.name}`, about: one.bot ? "app" : "" }));
  }
  if (sign === "#") {
    return known.channels.filter((one) => one.name.includes(word)).map((one) => ({ from, put: `#${one.name} `, shown: `#${one.name}` }));
  }
  return Object.entries(known.emoji).filter(([name]) => name.includes(word))
    .map(([name, picture]) => ({ from, put: `:${name}: `, shown: `${picture} :${name}:` }));
};

// How a text is sent: names of people and channels as Slack writes them.
export const encoded = (text, known) => {
  const command = text.startsWith("/");
  return text
    .replace(/(^|\s)@([\w.-]*\w)/g, (all, space, name) => {
      const person = known.people.find((one) => one.name === name);
      return person ? `${space}<@${person.id}${command ? `|${name}` : ""}>` : all;
    })
    .replace(/(^|\s)#([\w-]+)/g, (all, space, name) => {
      const channel = known.channels.find((one) => one.name === name);
      return channel ? `${space}<#${channel.id}|${name}>` : all;
    });
};

export const completing = (list, words) => {
  let field = null;
  let shown = [];
  let at = 0;

  const close = () => {
    shown = [];
    if (list.matches(":popover-open")) list.hidePopover();
    field?.setAttribute("aria-expanded", "false");
    field?.removeAttribute("aria-activedescendant");
  };

  const mark = () => {
    [...list.children].forEach((one, index) => one.setAttribute("aria-selected", String(index === at)));
    list.children[at].scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", `offer${at}`);
  };

  const look = async () => {
    const known = await words();
    const found = offers(field.value.slice(0, field.selectionStart), known).slice(0, MOST);
    if (!found.length || document.activeElement !== field) return close();
    shown = found;
    at = 0;
    list.replaceChildren(...found.map((one, index) => {
      const row = document.createElement("div");
      row.setAttribute("role", "option");
      row.id = `offer${index}`;
      for (const [tag, text] of [["strong", one.shown], ["code", one.hint], ["small", one.about]]) {
        if (!text) continue;
        const part = document.createElement(tag);
        part.textContent = text;
        row.append(part, " ");
      }
      return row;
    }));
    if (!list.matches(":popover-open")) list.showPopover();
    const box = field.closest(".writing").getBoundingClientRect();
    list.style.left = `${box.left}px`;
    list.style.width = `${box.width}px`;
    list.style.bottom = `${innerHeight - box.top + 4}px`;
    field.setAttribute("aria-expanded", "true");
    mark();
  };

  const take = (index) => {
    const offer = shown[index];
    const after = field.value.slice(field.selectionStart);
    field.value = field.value.slice(0, offer.from) + offer.put + after;
    const caret = offer.from + offer.put.length;
    field.setSelectionRange(caret, caret);
    close();
  };

  list.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    const row = event.target.closest("[role=option]");
    if (row) take([...list.children].indexOf(row));
  });

  return (input) => {
    const mine = () => {
      field = input;
      look();
    };
    input.addEventListener("input", mine);
    input.addEventListener("blur", close);
    input.addEventListener("keydown", (event) => {
      if (!shown.length || field !== input) return;
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      // A command that is complete as typed is sent by Enter, not completed once more.
      const whole = shown[at]?.put.trim() === field.value.trim() && event.key === "Enter";
      if (step) at = (at + step + shown.length) % shown.length;
      else if ((event.key === "Enter" && !whole) || event.key === "Tab") take(at);
      else if (event.key === "Escape") close();
      else return whole && close();
      event.preventDefault();
      event.stopPropagation();
      if (step) mark();
    });
  };
};
