// The page's behaviour: fetches its parts anew when something changed, and does what people do by /control.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const at = new URLSearchParams(location.search);
  const state = { as: at.get("as") || "", channel: at.get("channel") || "", thread: at.get("thread") || "", before: "" };
  const drawn = {};
  let busy = false;
  let again = false;

  const ask = async (verb, given) => {
    const answer = await fetch(`/control/${verb}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ user: state.as, ...given }),
    });
    const body = await answer.json();
    if (!answer.ok) throw new Error(body.refused || `HTTP ${answer.status}`);
    return body;
  };

  const trouble = (words) => {
    $("trouble").textContent = words;
    $("trouble").hidden = !words;
  };

  // Does one thing as the acting person, and says what stood in its way.
  const act = async (verb, given, control) => {
    if (control) control.disabled = true;
    trouble("");
    try {
      const reply = await ask(verb, given);
      if (reply.error) trouble(reply.text || `That did not work: ${reply.error}.`);
      return reply;
    } catch (error) {
      trouble(error.message);
      return null;
    } finally {
      if (control) control.disabled = false;
      draw();
    }
  };

  const put = (name, place, html) => {
    if (drawn[name] === html) return false;
    drawn[name] = html;
    place.innerHTML = html;
    return true;
  };

  const draw = async () => {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    try {
      const wanted = new URLSearchParams(state);
      const parts = await (await fetch(`/page/parts?${wanted}`)).json();
      if (wanted.get("channel") !== state.channel || wanted.get("as") !== state.as) return;
      state.as = parts.as;
      state.channel = parts.channel;
      show(parts);
    } catch {
      trouble("The sandbox does not answer.");
    } finally {
      busy = false;
      if (again) {
        again = false;
        setTimeout(draw, 150);
      }
    }
  };

  const show = (parts) => {
    const main = $("main");
    const place = `${state.as} ${state.channel} ${state.before}`;
    const moved = drawn.place !== place;
    const bottom = moved || main.scrollHeight - main.scrollTop - main.clientHeight < 80;
    const editing = main.contains(document.activeElement) && document.activeElement !== main;
    put("sidebar", $("sidebar"), parts.sidebar);
    const open = $("head").querySelector("details")?.open;
    if (put("head", $("head"), parts.head) && open) $("head").querySelector("details")?.setAttribute("open", "");
    const focus = editing ? where(document.activeElement) : null;
    if (put("main", main, parts.main)) {
      if (focus) back(main, focus);
      if (bottom) main.scrollTop = state.before ? 0 : main.scrollHeight;
    }
    drawn.place = place;
    $("composer").hidden = state.channel === "home" || !state.channel || parts.archived;
    $("thread").hidden = !parts.thread;
    put("thread", $("replies"), parts.thread || "");
    dialog(parts.modal);
    const url = new URLSearchParams({ as: state.as, channel: state.channel });
    if (state.thread) url.set("thread", state.thread);
    history.replaceState(null, "", `?${url}`);
  };

  // Where the keyboard was, so that it is there again after the part was drawn anew.
  const where = (element) => {
    const message = element.closest("[data-ts]");
    return message && element.dataset.action
      ? `[data-ts="${CSS.escape(message.dataset.ts)}"] [data-action="${CSS.escape(element.dataset.action)}"]`
      : null;
  };
  const back = (main, selector) => (main.querySelector(selector) || main).focus({ preventScroll: true });

  const dialog = (html) => {
    const box = $("dialog");
    if (!html) {
      if (box.open) box.close();
      drawn.modal = "";
      return;
    }
    const kept = drawn.modal && box.firstElementChild ? values(box.firstElementChild) : null;
    const before = box.firstElementChild && box.firstElementChild.dataset;
    const same = before && { view: before.view, hash: before.hash };
    if (put("modal", box, html)) {
      const form = box.firstElementChild;
      if (kept && same.view === form.dataset.view && same.hash === form.dataset.hash) refill(form, kept);
    }
    if (!box.open) box.showModal();
  };

  const inputs = (form) =>
    [...form.querySelectorAll("[data-action]")].filter((one) => one.dataset.type !== "button");

  const held = (one) => {
    if (one.dataset.type === "checkboxes") return [...one.querySelectorAll(":checked")].map((box) => box.value);
    if (one.dataset.type === "radio_buttons") return one.querySelector(":checked")?.value || "";
    if (one.multiple) return [...one.selectedOptions].map((option) => option.value);
    return one.value;
  };

  const values = (form) => {
    const all = {};
    for (const one of inputs(form)) {
      all[one.dataset.block] = { ...(all[one.dataset.block] || {}), [one.dataset.action]: held(one) };
    }
    return all;
  };

  const refill = (form, kept) => {
    for (const one of inputs(form)) {
      const value = kept[one.dataset.block]?.[one.dataset.action];
      if (value === undefined) continue;
      const boxes = one.querySelectorAll("input");
      if (boxes.length) for (const box of boxes) box.checked = value === box.value || value.includes?.(box.value);
      else if (one.multiple) for (const option of one.options) option.selected = value.includes(option.value);
      else one.value = value;
    }
  };

  // A button or select of a message, the home tab or a modal tells the app.
  const touch = (one, value) => {
    if (one.dataset.confirm && !confirm(one.dataset.confirm)) return;
    if (one.dataset.url) open(one.dataset.url, "_blank", "noopener");
    const given = { action_id: one.dataset.action, block_id: one.dataset.block || "" };
    if (value !== undefined) given.value = value;
    const view = one.closest("[data-view]");
    if (view) {
      act("view.click", { ...given, view: view.dataset.view, values: view.tagName === "FORM" ? values(view) : {} }, one);
    } else {
      act("click", { ...given, channel: state.channel, ts: one.closest("[data-ts]").dataset.ts }, one);
    }
  };

  const go = (to) => {
    Object.assign(state, { thread: "", before: "" }, to);
    document.body.classList.remove("menu-open");
    $("menu").setAttribute("aria-expanded", "false");
    trouble("");
    if (to.channel === "home") ask("home.open", {}).catch((error) => trouble(error.message));
    draw();
  };

  document.addEventListener("click", (event) => {
    const one = event.target.closest("[data-channel],[data-thread],[data-before],[data-close],[data-close-thread],button[data-action]");
    if (!one) return;
    if (one.tagName === "A") event.preventDefault();
    if (one.dataset.channel) go({ channel: one.dataset.channel });
    else if (one.dataset.thread) go({ thread: one.dataset.thread, before: state.before });
    else if (one.dataset.before) go({ before: one.dataset.before });
    else if ("closeThread" in one.dataset) go({ thread: "" });
    else if ("close" in one.dataset) act("view.close", { view: one.closest("form").dataset.view }, one);
    else touch(one, one.dataset.value);
  });

  document.addEventListener("change", (event) => {
    const one = event.target.closest("[data-acts]");
    if (one && one.dataset.type !== "button" && held(one) !== "") touch(one, held(one));
  });

  document.addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target;
    if (form.dataset.view) {
      await act("view.submit", { view: form.dataset.view, values: values(form) }, form.querySelector("[type=submit]"));
      return;
    }
    const button = form.querySelector("button");
    if (form.id === "newcomer") {
      const person = await act("person.add", { name: form.elements.name.value }, button);
      if (person) location.search = `?as=${person.id}`;
      return;
    }
    const field = form.elements.text;
    const text = field.value.trim();
    if (!text) return;
    field.value = "";
    const reply = text.startsWith("/") && form.id === "composer"
      ? await act("command", { channel: state.channel, text }, button)
      : await act("message.post", { channel: state.channel, text, thread_ts: form.id === "reply" ? state.thread : "" }, button);
    if (!reply) field.value = text;
    field.focus();
  });

  $("dialog").addEventListener("cancel", (event) => {
    event.preventDefault();
    const form = $("dialog").querySelector("form");
    if (form) act("view.close", { view: form.dataset.view });
  });

  $("as").addEventListener("change", (event) => go({ as: event.target.value, channel: "" }));
  $("menu").addEventListener("click", () => {
    const open = document.body.classList.toggle("menu-open");
    $("menu").setAttribute("aria-expanded", String(open));
  });

  const stream = new EventSource("/page/events");
  let asked = 0;
  stream.addEventListener("message", () => {
    // A busy workspace is drawn at most twice a second.
    if (asked) return;
    asked = setTimeout(() => {
      asked = 0;
      draw();
    }, 300);
  });
  stream.addEventListener("open", draw);
  draw();
})();
