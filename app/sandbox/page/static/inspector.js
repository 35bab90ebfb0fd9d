// The inspector: entries newest first, as they come; opening one fetches its request and answer.

const $ = (id) => document.getElementById(id);
const MOST = 500;
const form = $("filters");
let newest = 0;
let further = 0;
let turn = 0;

const wanted = () => new URLSearchParams(new FormData(form));

const lines = async (more) => {
  const asked = wanted();
  for (const [name, value] of Object.entries(more)) asked.set(name, value);
  return (await fetch(`/inspector/lines?${asked}`)).json();
};

const settle = (found) => {
  further = found.further;
  $("further").hidden = !further;
  const shown = $("lines").childElementCount;
  const filtered = [...wanted().values()].some(Boolean);
  const words = filtered ? `${shown} shown that match` : `${shown} shown`;
  $("count").textContent = further ? `${words}, searched back to line ${further}. Times are UTC.` : `${words}; that is all. Times are UTC.`;
};

const anew = async () => {
  const mine = ++turn;
  const found = await lines({});
  if (mine !== turn) return;
  $("lines").innerHTML = found.html;
  newest = found.newest;
  settle(found);
  history.replaceState(null, "", `?${wanted()}`);
};

const back = async () => {
  const mine = turn;
  const found = await lines({ before: further });
  if (mine !== turn) return;
  $("lines").insertAdjacentHTML("beforeend", found.html);
  settle(found);
};

// Waits for the ledger to grow, then takes what is new; never more than twice a second.
const follow = async () => {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    try {
      await fetch(`/control/pulse?since=${newest}&timeout=30`);
      const mine = turn;
      const found = await lines({ after: newest });
      if (mine !== turn || found.newest <= newest) continue;
      if (found.further) {
        await anew();
        continue;
      }
      newest = found.newest;
      $("lines").insertAdjacentHTML("afterbegin", found.html);
      settle({ further: trimmed() || further });
    } catch {
      $("count").textContent = "The sandbox does not answer.";
    }
  }
};

// Keeps the newest entries only; returns where those that went can be had again, 0 when none went.
const trimmed = () => {
  const entries = [...$("lines").children];
  for (const entry of entries.slice(MOST)) entry.remove();
  return entries.length > MOST ? Number(entries[MOST].dataset.seq) + 1 : 0;
};

document.addEventListener("toggle", async (event) => {
  const entry = event.target;
  if (!entry.open || entry.childElementCount > 1) return;
  const holder = document.createElement("div");
  entry.append(holder);
  holder.innerHTML = await (await fetch(`/inspector/lines/${entry.parentElement.dataset.seq}`)).text();
}, true);

let typing = 0;
form.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(anew, 250);
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  anew();
});
$("further").addEventListener("click", back);

for (const [name, value] of new URLSearchParams(location.search)) {
  const field = form.elements[name];
  if (!field) continue;
  if (field.type === "checkbox") field.checked = value === "1";
  else field.value = value;
}
await anew();
follow();
