// What the inputs of blocks hold, and how it is put back after they were drawn anew.

// The moment at which a clock of `zone` shows a local time such as 2026-11-02T10:00, in seconds.
const moment = (local, zone) => {
  const wanted = Date.parse(`${local}Z`);
  const shown = (at) => {
    const form = new Intl.DateTimeFormat("sv", { timeZone: zone, dateStyle: "short", timeStyle: "medium" });
    return Date.parse(`${form.format(at).replace(" ", "T")}Z`);
  };
  let at = wanted;
  // Twice, since the first step may cross a change of the clocks.
  for (let step = 0; step < 2; step += 1) at += wanted - shown(at);
  return at / 1000;
};

const boxes = (one) => [...one.querySelectorAll("input")];
const many = (one) => one.dataset.type === "checkboxes" || one.dataset.type.startsWith("multi_");

// Text, an option's value, a list of them, or seconds for a date with a time.
export const held = (one, zone) => {
  if (many(one)) return boxes(one).filter((box) => box.checked).map((box) => box.value);
  if (one.dataset.type === "radio_buttons") return one.querySelector(":checked")?.value || "";
  if (one.dataset.type === "datetimepicker") return one.value ? moment(one.value, zone) : "";
  return one.value;
};

const inputs = (holder) =>
  [...holder.querySelectorAll("[data-action]")].filter((one) => !["button", "overflow"].includes(one.dataset.type));

const collected = (holder, read) => {
  const all = {};
  for (const one of inputs(holder)) {
    all[one.dataset.block] = { ...(all[one.dataset.block] || {}), [one.dataset.action]: read(one) };
  }
  return all;
};

// By block and action, as the sandbox takes them.
export const values = (holder, zone) => collected(holder, (one) => held(one, zone));

const raw = (one) => (boxes(one).length ? boxes(one).filter((box) => box.checked).map((box) => box.value) : one.value);

export const kept = (holder) => collected(holder, raw);

// Puts back what `kept` gave, where the same inputs are there again.
export const refill = (holder, given) => {
  for (const one of inputs(holder)) {
    const value = given[one.dataset.block]?.[one.dataset.action];
    if (value === undefined) continue;
    if (Array.isArray(value)) for (const box of boxes(one)) box.checked = value.includes(box.value);
    else one.value = value;
  }
};
