"use strict";
// Without this script all pairs of arms stand one below the other, and strips show the last epoch.
const pairs = [...document.querySelectorAll(".pair")];
const choice = document.getElementById("choice");
const filter = document.getElementById("filter");
const shown = document.getElementById("shown");
for (const tools of document.querySelectorAll(".tools")) tools.hidden = false;

if (choice) {
  for (const pair of pairs) choice.add(new Option(pair.querySelector("h2").textContent, pair.id));
  if (pairs.length > 1) choice.add(new Option("all", ""));
  choice.addEventListener("change", show);
  addEventListener("hashchange", follow);
  follow();
}
filter.addEventListener("input", show);
show();

// A link to a pair chooses it.
function follow() {
  const there = pairs.find((pair) => "#" + pair.id === location.hash);
  if (!there) return;
  choice.value = there.id;
  show();
  there.scrollIntoView();
}

function show() {
  const words = filter.value.trim().toLowerCase();
  for (const pair of pairs) {
    pair.hidden = choice.value !== "" && choice.value !== pair.id;
    if (!pair.hidden && words) for (const one of pair.querySelectorAll("details.direction")) one.open = true;
  }
  const first = pairs.find((pair) => !pair.hidden);
  const folded = first && !first.querySelector(".direction[open]") && first.querySelector("details.direction");
  if (folded) folded.open = true;
  let all = 0, left = 0;
  for (const item of document.querySelectorAll(".item")) {
    const pair = item.closest(".pair");
    if (pair && pair.hidden) continue;
    item.hidden = words !== "" && !spoken(item).includes(words);
    all += 1;
    left += !item.hidden;
  }
  shown.textContent = words ? `${left} of ${all} items` : `${all} items`;
}

function spoken(item) {
  if (item.spoken === undefined) {
    const parts = item.querySelectorAll(":scope > summary, :scope > .head, :scope > .text, :scope > .lines");
    item.spoken = [...parts].map((part) => part.textContent).join(" ").replace(/\s+/g, " ").toLowerCase();
  }
  return item.spoken;
}

for (const slider of document.querySelectorAll(".slider")) {
  const range = slider.querySelector("input"), said = slider.querySelector("output");
  const strips = [];
  for (let next = slider.nextElementSibling; next && next.matches("details, .note"); next = next.nextElementSibling)
    strips.push(...next.querySelectorAll(".strip"));
  const step = () => {
    said.textContent = `${range.value} of ${range.max}`;
    range.setAttribute("aria-valuetext", `epoch ${said.textContent}`);
    for (const strip of strips) draw(strip, Number(range.value));
  };
  range.addEventListener("input", step);
  step();
}

// An arm that stopped earlier stays at its last epoch.
function draw(strip, epoch) {
  const last = Number(strip.dataset.epochs), now = Math.min(epoch, last);
  const cells = [...strip.tBodies[0].rows].flatMap((row) => [...row.cells].slice(1));
  const first = (now - 1) * cells.length;
  cells.forEach((cell, place) => {
    const at = 2 * (first + place), share = parseInt(strip.dataset.steps.slice(at, at + 2), 16) / 255;
    const percent = Math.round(100 * share), gold = cell.classList.contains("g");
    cell.textContent = percent || "";
    cell.className = `h${Math.ceil(percent / 10)}${gold ? " g" : ""}`;
  });
  strip.querySelector(".at").textContent = `: epoch ${now}${epoch > last ? " (its last)" : ""}`;
}

// Paper cannot be clicked: everything is shown and opened.
addEventListener("beforeprint", () => {
  for (const folded of document.querySelectorAll("details")) folded.open = true;
});
