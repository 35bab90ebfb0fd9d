// The bar above the page: the simulated clock and what moves it, fault switches, and how many notices wait for Slack.
(() => {
  const PACES = { life: "as in life", minute: "1 minute a second", four: "4 minutes a second", twenty: "20 minutes a second" };
  const LOOK = 2000;
  const LOOK_MOVING = 400;
  const TICK = 250;

  const make = (tag, about = {}, ...inside) => {
    const { text, ...attributes } = about;
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...inside);
    return made;
  };

  const time = make("strong", { class: "time" });
  const pace = make("span", { class: "pace" });
  const pause = make("button", { type: "button", text: "Pause" });
  const speed = make("select", { "aria-label": "Speed of the clock" });
  for (const [name, words] of Object.entries(PACES)) speed.append(make("option", { value: name, text: words }));
  const moves = { hour: "+1 hour", day: "+1 working day", next: "To the next due moment" };
  const movers = Object.entries(moves).map(([to, text]) => make("button", { type: "button", "data-to": to, text }));
  // The one live region: it speaks when something was done or refused, never because time passes.
  const said = make("p", { class: "said", role: "status" });
  const waiting = make("p", { class: "waiting" });
  const summary = make("summary", { text: "Faults" });
  const switches = make("div", { class: "buttons", role: "group", "aria-label": "Faults" });
  const happening = make("ul", { class: "happening", "aria-label": "What is happening now" });
  const faults = make("details", { class: "faults" }, summary, switches, happening);
  const bar = make(
    "section",
    { id: "demo-bar", "aria-label": "Simulated clock and faults" },
    make("p", { class: "clock" }, time, " ", pace),
    make("div", { class: "buttons", role: "group", "aria-label": "Clock" }, pause, speed, ...movers),
    said,
    waiting,
    faults,
  );

  let state = null;
  let heard = 0;

  const simulated = () => state.now + (performance.now() - heard) * state.speed;

  const spoken = (at) => {
    const parts = {};
    const form = new Intl.DateTimeFormat("en-US", {
      timeZone: state.zone, weekday: "short", day: "numeric", month: "short", year: "numeric",
      hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short",
    });
    for (const part of form.formatToParts(at)) parts[part.type] = part.value;
    return `${parts.weekday} ${parts.day} ${parts.month} ${parts.year}, ${parts.hour}:${parts.minute} ${parts.timeZoneName}`;
  };

  const put = (element, text) => {
    if (element.textContent !== text) element.textContent = text;
  };

  const tick = () => {
    if (state) put(time, spoken(simulated()));
  };

  const say = (text) => put(said, text);

  const drawSwitches = () => {
    for (const fault of state.faults) {
      let button = switches.querySelector(`[data-fault="${fault.name}"]`);
      if (!button) {
        button = make("button", { type: "button", "data-fault": fault.name, text: fault.label });
        switches.append(button);
      }
      button.setAttribute("aria-pressed", String(fault.on));
    }
    const on = state.faults.filter((fault) => fault.on);
    put(summary, on.length ? `Faults: ${on.map((fault) => fault.label).join(", ")}` : "Faults: none");
    const sentences = on.map((fault) => fault.says);
    if (sentences.join() !== [...happening.children].map((item) => item.textContent).join()) {
      happening.replaceChildren(...sentences.map((text) => make("li", { text })));
    }
  };

  const draw = (now) => {
    const arrived = state && state.moving && !now.moving;
    state = now;
    heard = performance.now();
    tick();
    put(pace, state.moving ? "moving on" : state.speed === 0 ? "paused" : "running");
    put(pause, state.speed === 0 && !state.moving ? "Go on" : "Pause");
    if (document.activeElement !== speed) speed.value = state.pace;
    for (const mover of movers) mover.setAttribute("aria-disabled", String(state.moving));
    put(
      waiting,
      state.waiting === 0 ? "Slack has every notice." : `${state.waiting} ${state.waiting === 1 ? "notice waits" : "notices wait"} for Slack.`,
    );
    drawSwitches();
    if (arrived && state.said) say(state.said);
  };

  let timer = 0;
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(look, state && state.moving ? LOOK_MOVING : LOOK);
  };

  const ask = async (path, method = "GET") => {
    try {
      const answer = await fetch(`/demo/${path}`, { method, headers: { "x-caseboard-demo": "1" } });
      const told = await answer.json();
      if (told.refused) say(told.refused);
      else draw(told);
      return !told.refused;
    } catch {
      say("The demonstration does not answer. Was it ended?");
      return false;
    } finally {
      later();
    }
  };

  const look = () => (document.hidden ? later() : ask("state"));

  const steer = async (to, words) => {
    // A short way may be over before the answer to this comes.
    if (await ask(`clock/${to}`, "POST")) say(state.moving || !state.said ? words : state.said);
  };

  pause.addEventListener("click", () => (pause.textContent === "Pause" ? steer("pause", "Paused.") : steer("go-on", "The clock runs.")));
  speed.addEventListener("change", () => steer(speed.value, `The clock runs: ${PACES[speed.value]}.`));
  for (const mover of movers) {
    mover.addEventListener("click", () => steer(mover.dataset.to, "On the way."));
  }
  switches.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-fault]");
    if (!button) return;
    const { fault: name } = button.dataset;
    const to = button.getAttribute("aria-pressed") === "true" ? "off" : "on";
    if (await ask(`fault/${name}/${to}`, "POST")) {
      const fault = state.faults.find((one) => one.name === name);
      say(`${fault.label}: ${fault.on ? "on" : "over"}.`);
    }
  });

  faults.open = matchMedia("(min-width: 60rem)").matches;
  document.body.prepend(bar);
  setInterval(tick, TICK);
  document.addEventListener("visibilitychange", look);
  look();
})();
