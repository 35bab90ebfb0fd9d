// The clock bar: plain buttons above the page, with the simulated time in words.
(() => {
  const bar = document.createElement("nav");
  bar.setAttribute("aria-label", "Simulated clock");
  bar.style.cssText =
    "display:flex;flex-wrap:wrap;gap:.4rem;align-items:center;padding:.4rem .8rem;font:14px system-ui;" +
    "background:#1f2933;color:#fff";
  const time = document.createElement("span");
  time.setAttribute("role", "status");
  time.style.minWidth = "15rem";
  bar.append(time);
  const show = (now) => {
    const pace = now.speed === 0 ? "paused" : now.speed === 1 ? "real pace" : `${now.speed / 60} min a second`;
    time.textContent = `${now.time} (${pace})`;
  };
  const steer = async (to) =>
    show(await (await fetch(`/demo/clock/${to}`, { method: "POST", headers: { "x-caseboard-demo": "1" } })).json());
  for (const [to, words] of [
    ["pause", "Pause"],
    ["play", "Play"],
    ["fast", "Fast"],
    ["hour", "+1 hour"],
    ["day", "+1 day"],
  ]) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = words;
    button.style.cssText = "font:inherit;color:#111;background:#eee;border:1px solid #999;padding:.25rem .6rem;min-height:2rem";
    button.addEventListener("click", () => steer(to));
    bar.append(button);
  }
  document.body.prepend(bar);
  const look = async () => show(await (await fetch("/demo/clock")).json());
  look();
  setInterval(look, 1000);
})();
