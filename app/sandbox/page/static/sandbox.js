// The page's behaviour: draws a channel once, then only what changed in it; does what people do by /control.

import { completing, encoded } from "./complete.js";
import { confirmed, modals } from "./dialogs.js";
import { held, kept, refill, values } from "./forms.js";
import { openChoices, openMenu } from "./menus.js";
import { merge, walk } from "./rows.js";

const MOST_ROWS = 400;
const NEAR = 80;
const $ = (id) => document.getElementById(id);
const main = $("main");
const at = new URLSearchParams(location.search);
const state = { as: at.get("as") || "", channel: at.get("channel") || "", thread: at.get("thread") || "" };
const drawn = { as: null, rev: "", first: 0, fresh: 0, modal: "", home: "", zone: "UTC", people: "" };
const drafts = new Map();
const modal = modals($("dialog"));
let busy = false;
let again = false;
let whole = true;
let known = null;
let visit = 0; // counts the places gone to, be it the same one again; an answer is for the place it was asked in
let leaving = new AbortController();
let silence = ""; // what was said when nobody answered, until somebody does

const get = async (path, more, signal) => {
  const answer = await fetch(`${path}?${new URLSearchParams({ ...state, ...more })}`, { signal });
  if (!answer.ok) throw new Error(`The sandbox answered ${answer.status}.`);
  return answer.json();
};

const trouble = (text) => {
  $("trouble").textContent = text;
  $("trouble").hidden = !text;
};

const unanswered = (error) => trouble(error instanceof TypeError ? "The sandbox does not answer." : error.message);

// What is asked for the place one is at: null when it did not come, or came after going elsewhere.
const here = async (path, more) => {
  const asked = visit;
  try {
    const parts = await get(path, more, leaving.signal);
    return visit === asked ? parts : null;
  } catch (error) {
    if (visit === asked) unanswered(error);
    return null;
  }
};

const place = () => `${state.as} ${state.channel}`;
const replyTo = () => `${place()} ${state.thread}`;
const typed = (form) => $(form).elements.text;

// Before going anywhere: what is asked for here is not waited for, and what was typed here waits here.
const leave = () => {
  visit += 1;
  leaving.abort();
  leaving = new AbortController();
  drafts.set(place(), typed("composer").value);
  if (state.thread) drafts.set(replyTo(), typed("reply").value);
  for (const form of ["composer", "reply"]) $(form).querySelector(".send").removeAttribute("aria-busy");
};

const UNKNOWN = { commands: [], people: [], channels: [], emoji: {}, shortcuts: [] };

const words = () => (known ??= get("/page/words", {}).catch((error) => {
  known = null;
  unanswered(error);
  return UNKNOWN;
}));

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

// Does one thing as the acting person, and says what stood in its way.
const act = async (verb, given, control) => {
  if (control?.getAttribute("aria-busy")) return null;
  control?.setAttribute("aria-busy", "true");
  trouble("");
  const asked = visit;
  const where = () => (visit === asked ? "" : "Where you were before: ");
  try {
    const reply = await ask(verb, given);
    if (reply.error) trouble(where() + (reply.text || `That did not work: ${reply.error}.`));
    return reply;
  } catch (error) {
    unanswered(error);
    trouble(where() + $("trouble").textContent);
    return null;
  } finally {
    control?.removeAttribute("aria-busy");
    look();
  }
};

// Looks for changes; one look at a time, and one more when something happened meanwhile.
const look = async () => {
  if (busy) {
    again = true;
    return;
  }
  busy = true;
  const asked = visit;
  const { rev, first, fresh, modal: seal, home } = drawn;
  const all = whole;
  const parts = all ? await here("/page/parts", drawn.as === state.as ? { rev } : {}) : await here("/page/changes", { rev, first, fresh, modal: seal, home });
  if (parts && silence && silence === $("trouble").textContent) trouble("");
  silence = parts || visit !== asked ? "" : $("trouble").textContent;
  try {
    if (parts?.full) whole = again = true;
    else if (parts && all) show(parts);
    else if (parts) change(parts);
    else if (all && visit === asked) setTimeout(look, 1000); // what nothing can be done with is asked for until it comes
  } finally {
    busy = false;
    if (again || visit !== asked) {
      again = false;
      setTimeout(look, 0);
    }
  }
};

const atEnd = (list) => list.scrollHeight - list.scrollTop - list.clientHeight < NEAR;
const toEnd = (list) => {
  list.scrollTop = list.scrollHeight;
};

// By its own scrolling: `scrollIntoView` would have Tab go on from there, and past the link that skips to the messages.
const toMiddle = (list, row) => {
  list.scrollTop += row.getBoundingClientRect().top - list.getBoundingClientRect().top - list.clientHeight / 2;
};

// Until the page is drawn for the place gone to, nothing can be pressed on what stands there for another.
const waiting = (is) => {
  main.toggleAttribute("inert", is);
  if (is) main.setAttribute("aria-busy", "true");
  else main.removeAttribute("aria-busy");
};

const show = (parts) => {
  whole = false;
  waiting(false);
  const somewhere = !state.channel;
  Object.assign(state, { as: parts.as, channel: parts.channel });
  if (somewhere) typed("composer").value = drafts.get(place()) || "";
  Object.assign(drawn, { as: parts.as, rev: parts.rev, first: parts.first || 0, fresh: parts.fresh || 0, zone: parts.zone });
  Object.assign(drawn, { modal: parts.modal_seal || "", home: parts.home_seal || "" });
  if (drawn.people !== parts.people) $("as").innerHTML = drawn.people = parts.people;
  $("as").value = state.as;
  sidebar(parts);
  $("head").innerHTML = parts.head;
  // First of all, as a composer that comes takes room from the messages.
  archived(parts.archived);
  const same = main.dataset.place === place();
  const end = !same || atEnd(main);
  const top = same ? main.scrollTop : 0;
  const entered = same ? kept(main) : {};
  main.innerHTML = parts.main;
  refill(main, entered);
  main.dataset.place = place();
  const unread = main.querySelector(".new");
  if (unread && !same) toMiddle(main, unread);
  else if (end && state.channel !== "home") toEnd(main); // a home tab is read from its top
  else main.scrollTop = top;
  if (!same) newer(false);
  thread(parts.thread);
  modal(parts.modal);
  settled();
};

const entryOf = (id) => $("sidebar").querySelector(`[data-entry="${CSS.escape(id)}"]`);

// The whole sidebar, or the entries of it that changed.
const sidebar = ({ sidebar: all, entries = {} }) => {
  if (all !== undefined) {
    const at = $("sidebar").querySelector(":focus")?.closest("[data-entry]")?.dataset.entry;
    $("sidebar").innerHTML = all;
    if (at) entryOf(at)?.querySelector("a").focus();
  }
  for (const [id, html] of Object.entries(entries)) {
    const entry = entryOf(id);
    if (!entry) continue;
    const focused = entry.contains(document.activeElement);
    entry.outerHTML = html;
    if (focused) entryOf(id).querySelector("a").focus();
  }
};

const thread = (html) => {
  if (!html) state.thread = "";
  $("thread").hidden = !html;
  $("replies").innerHTML = html;
  toEnd($("replies"));
};

const change = (parts) => {
  drawn.rev = parts.rev;
  sidebar(parts);
  if (parts.head !== undefined) {
    const open = [...$("head").querySelectorAll("details[open]")].map((one) => one.className);
    $("head").innerHTML = parts.head;
    for (const name of open) $("head").querySelector(`details.${name}`)?.setAttribute("open", "");
  }
  if (parts.main !== undefined) {
    const focus = main.contains(document.activeElement) && document.activeElement.dataset;
    main.innerHTML = parts.main;
    drawn.home = parts.home_seal;
    if (focus?.action) main.querySelector(`[data-action="${CSS.escape(focus.action)}"]`)?.focus({ preventScroll: true });
  }
  if (parts.rows) {
    const end = atEnd(main);
    say(merge(main, parts.rows), end);
    if (end) toEnd(main);
    prune(end);
  }
  if (parts.replies) {
    const end = atEnd($("replies"));
    merge($("replies"), parts.replies);
    if (end) toEnd($("replies"));
  }
  if (parts.modal !== undefined) {
    drawn.modal = parts.modal_seal;
    modal(parts.modal);
  }
  if (parts.archived !== undefined) archived(parts.archived);
  settled();
};

// New messages are said by their top-level text; who has scrolled up is shown the way down.
const say = (rows, end) => {
  const said = rows.map((row) => row.querySelector("article")?.getAttribute("aria-label")).filter(Boolean);
  if (said.length) $("said").textContent = said.slice(-3).join(". ");
  if (said.length && !end) newer(true);
};

const newer = (there) => {
  $("newer").hidden = !there;
};

// A page that stays open for days keeps no more than it can show smoothly; what is older can be had again.
const prune = (end) => {
  const rows = main.querySelectorAll(":scope > [data-key]");
  if (!end || rows.length <= MOST_ROWS) return;
  const gone = rows.length - MOST_ROWS / 2;
  for (const row of [...rows].slice(0, gone)) row.remove();
  drawn.first = Number(rows[gone].dataset.key);
  older(drawn.first);
};

const older = (first) => {
  main.querySelector(".older")?.remove();
  if (!first) return;
  main.insertAdjacentHTML("afterbegin", `<p class="older"><button type="button" class="link" data-before="${first}">Older messages</button></p>`);
};

const archived = (is) => {
  $("composer").hidden = is || state.channel === "home" || !state.channel;
  $("reply").hidden = is;
};

// After anything was drawn: the open channel is marked, the address says where this is, and what is seen is read.
const settled = () => {
  $("sidebar").querySelector("[aria-current]")?.removeAttribute("aria-current");
  entryOf(state.channel)?.querySelector("a").setAttribute("aria-current", "page");
  const name = $("head").querySelector("h1")?.textContent.trim();
  if (name) document.title = `${name} - ${$("sidebar").querySelector("h2")?.textContent || "Sandbox"}`;
  const url = new URLSearchParams({ as: state.as, channel: state.channel });
  if (state.thread) url.set("thread", state.thread);
  history.replaceState(null, "", `?${url}`);
  if (entryOf(state.channel)?.querySelector(".unread") && document.visibilityState === "visible") ask("channel.read", { channel: state.channel }).catch(() => {});
};

const more = async (button) => {
  const before = button.dataset.before;
  const [height, top] = [main.scrollHeight, main.scrollTop];
  button.disabled = true;
  const parts = await here("/page/older", { before });
  button.disabled = false;
  if (!parts || !button.isConnected) return;
  const holder = document.createElement("template");
  holder.innerHTML = parts.main;
  const rows = [...holder.content.children].filter((one) => one.dataset.key);
  main.querySelector(".older")?.after(...rows);
  drawn.first = parts.first;
  older(parts.first);
  main.scrollTop = top + main.scrollHeight - height;
  const last = rows.at(-1)?.querySelector("article");
  last?.focus({ preventScroll: true });
};

const go = (to) => {
  leave();
  if (to.as !== undefined) known = null;
  thread("");
  Object.assign(state, to);
  typed("composer").value = drafts.get(place()) || "";
  archived($("reply").hidden);
  closeSidebar();
  trouble("");
  if (state.channel === "home") visitHome();
  whole = true;
  waiting(true);
  return look();
};

// The app hears that its home tab is looked at.
const visitHome = () => ask("home.open", {}).catch(unanswered);

const closeSidebar = () => {
  document.body.classList.remove("menu-open");
  $("menu").setAttribute("aria-expanded", "false");
};

// A button or select of a message, the home tab or a modal tells the app.
const touch = async (one, value, link) => {
  if (one.dataset.confirm && !(await confirmed($("confirm"), one.dataset.confirm))) return false;
  if (link) open(link, "_blank", "noopener");
  const given = { action_id: one.dataset.action, block_id: one.dataset.block || "" };
  if (value !== undefined) given.value = value;
  const view = one.closest("[data-view]");
  const holder = view || one.closest("[data-ts]");
  given.values = values(holder, drawn.zone);
  if (view) act("view.click", { ...given, view: view.dataset.view }, one);
  else act("click", { ...given, channel: state.channel, ts: holder.dataset.ts }, one);
  return true;
};

// Null when somebody went elsewhere before they were known.
const shortcuts = async (button, kind, given) => {
  const asked = visit;
  const all = (await words()).shortcuts.filter((one) => one.kind === kind);
  return visit !== asked ? null : all.map((one) => [one.name, one.about, () => act("shortcut", { callback_id: one.callback_id, ...given }, button)]);
};

const actions = async (button) => {
  const ts = button.closest("[data-ts]").dataset.ts;
  const reply = button.parentElement.querySelector("[data-thread]");
  const own = reply ? [["Reply in thread", "", () => openThread(reply.dataset.thread)]] : [];
  const copy = ["Copy text", "", () => navigator.clipboard.writeText(button.closest("article").querySelector(".body").innerText)];
  const more = await shortcuts(button, "message", { channel: state.channel, ts });
  if (more) openChoices($("choices"), button, [...own, copy, ...more]);
};

const openThread = async (ts) => {
  leave();
  thread("");
  const asked = visit;
  state.thread = ts;
  const parts = await here("/page/thread", {});
  if (visit !== asked) return;
  thread(parts?.thread || "");
  settled();
  look();
  if (!state.thread) return;
  typed("reply").value = drafts.get(replyTo()) || "";
  typed("reply").focus();
};

const closeThread = () => {
  const root = main.querySelector(`[data-ts="${CSS.escape(state.thread)}"]`);
  leave();
  thread("");
  settled();
  (root || main).focus();
  look();
};

const writeTo = async (button) => {
  const asked = visit;
  const all = (await words()).people;
  if (visit !== asked) return;
  const people = all.filter((one) => one.id !== state.as);
  openChoices($("choices"), button, people.map((one) => [one.shown, one.bot ? "app" : "", () => direct(one.id)]));
};

const direct = async (other) => {
  const asked = visit;
  const made = await act("dm.open", { other });
  if (made && visit === asked) go({ channel: made.channel });
};

const insert = (form, sign) => {
  const field = form.elements.text;
  const gap = field.value && !field.value.endsWith(" ") ? " " : "";
  field.value += gap + sign;
  field.focus();
  field.dispatchEvent(new Event("input"));
};

const CLICKS = {
  channel: (one) => go({ channel: one.dataset.channel }),
  thread: (one) => openThread(one.dataset.thread),
  before: more,
  closeThread,
  close: (one) => act("view.close", { view: one.closest("form").dataset.view, clear: one.dataset.close === "all" }, one),
  more: actions,
  shortcuts: async (one) => {
    const all = await shortcuts(one, "global", {});
    const none = ["No shortcuts", "The app's manifest names none.", () => {}];
    if (all) openChoices($("choices"), one, all.length ? all : [none]);
  },
  insert: (one) => insert(one.closest("form"), one.dataset.insert),
  dm: (one) => direct(one.dataset.dm),
  menu: (one) => openMenu(one.nextElementSibling, one, (item) => touch(one, item.dataset.choice, item.dataset.url)),
  action: (one) => one.tagName === "BUTTON" && touch(one, one.dataset.value, one.dataset.url),
};
const CLICKED = Object.keys(CLICKS).map((name) => `[data-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}]`).join();

document.addEventListener("click", (event) => {
  const one = event.target.closest(CLICKED);
  if (!one || event.ctrlKey || event.metaKey) return;
  if (one.tagName === "A") event.preventDefault();
  CLICKS[Object.keys(CLICKS).find((name) => name in one.dataset)](one);
});

const TYPED = ["plain_text_input", "number_input", "email_text_input", "url_text_input"];

document.addEventListener("change", async (event) => {
  const one = event.target.closest("[data-acts]");
  if (!one || one.tagName === "BUTTON" || TYPED.includes(one.dataset.type)) return;
  const value = held(one, drawn.zone);
  if (value !== "" && !(await touch(one, value))) event.target.closest("form")?.reset();
});

document.addEventListener("keydown", (event) => {
  const one = event.target;
  if (event.key === "Enter" && one.matches("input[data-acts]") && TYPED.includes(one.dataset.type)) {
    event.preventDefault();
    touch(one, one.value);
  }
  if (event.key === "Escape" && state.thread && $("thread").contains(one) && !event.defaultPrevented) closeThread();
  if (event.key === "Escape" && document.body.classList.contains("menu-open")) {
    closeSidebar();
    $("menu").focus();
  }
});

document.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const button = form.querySelector("button.send, [type=submit]");
  if (form.dataset.view) {
    await act("view.submit", { view: form.dataset.view, values: values(form, drawn.zone) }, button);
    return;
  }
  if (form.id === "newcomer") {
    const person = await act("person.add", { name: form.elements.name.value }, button);
    if (person) location.search = `?as=${person.id}`;
    return;
  }
  const field = form.elements.text;
  const said = field.value.trim();
  if (!said) return;
  const asked = visit;
  const { as: user, channel } = state;
  const thread_ts = form.id === "reply" ? state.thread : "";
  const kept = thread_ts ? replyTo() : place();
  field.value = "";
  const names = await words();
  const text = encoded(said, names);
  let reply = null;
  if (names !== UNKNOWN && form.id === "composer" && text.startsWith("/")) reply = await act("command", { user, channel, text }, button);
  else if (names !== UNKNOWN) reply = await act("message.post", { user, channel, text, thread_ts }, button);
  if (visit !== asked) {
    if (!reply && !drafts.get(kept)) drafts.set(kept, said);
    return;
  }
  if (!reply && !field.value) field.value = said;
  if (!$("dialog").open) field.focus();
  if (form.id === "composer") toEnd(main);
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
  if (open) $("sidebar").querySelector("a")?.focus();
});
$("sidebar").addEventListener("click", (event) => {
  const button = event.target.closest("#new-dm");
  if (button) writeTo(button);
});
$("newer").addEventListener("click", () => {
  toEnd(main);
  newer(false);
  main.focus();
});
main.addEventListener("scroll", () => {
  if (atEnd(main)) newer(false);
}, { passive: true });
walk(main);
walk($("replies"));
const complete = completing($("offers"), words);
complete($("composer").elements.text);
complete($("reply").elements.text);

const stream = new EventSource("/page/events");
stream.addEventListener("message", (event) => {
  if (JSON.parse(event.data).includes("*")) known = null;
  look();
});
stream.addEventListener("open", () => {
  trouble("");
  look();
});
document.addEventListener("visibilitychange", settled);
if (state.channel === "home" && state.as) visitHome();
