"use strict";
// Heads become buttons that sort their column: first click up, second down. Without this script the tables are static.
for (const table of document.querySelectorAll("table")) {
  const body = table.tBodies[0];
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    if (body.rows[0] && body.rows[0].cells[column].dataset.sort !== undefined) head.classList.add("number");
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => sort(table, head, column));
  });
}

function sort(table, head, column) {
  const down = head.getAttribute("aria-sort") === "ascending";
  for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  const body = table.tBodies[0];
  const rows = [...body.rows].map((row) => [key(row.cells[column]), row]);
  rows.sort(([a], [b]) => (down ? -1 : 1) * compare(a, b));
  body.append(...rows.map(([, row]) => row));
}

function key(cell) {
  const number = cell.dataset.sort;
  if (number === undefined) return cell.textContent;
  return number === "inf" ? Infinity : Number(number);
}

function compare(a, b) {
  if (typeof a === "string") return a.localeCompare(b, undefined, { numeric: true });
  return a === b ? 0 : a < b ? -1 : 1;
}

// A table or picture that is wider than the page, by more than the padding of a cell, says so, as long as it is not moved.
const hints = new ResizeObserver((entries) => {
  for (const { target } of entries) target.parentNode.classList.toggle("wide", target.scrollWidth > target.clientWidth + 6);
});
for (const scroll of document.querySelectorAll(".scroll")) {
  hints.observe(scroll);
  scroll.addEventListener("scroll", () => scroll.parentNode.classList.add("moved"), { once: true });
}

// In print everything is opened.
addEventListener("beforeprint", () => {
  for (const folded of document.querySelectorAll("details")) folded.open = true;
});
