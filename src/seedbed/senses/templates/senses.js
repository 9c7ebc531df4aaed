// Points of the panels: what a row of the table says of an occurrence, shown beside it. Without this script every point
// has its sentence as a title.
const tip = document.getElementById("tip");

for (const panel of document.querySelectorAll("svg.panel")) {
  const points = [...panel.querySelectorAll(".point")];
  const place = (point) => point.transform.baseVal[0].matrix;
  points.sort((a, b) => place(a).e - place(b).e || place(a).f - place(b).f);
  points.forEach((point, at) => {
    const title = point.querySelector("title");
    point.setAttribute("aria-label", title.textContent);
    title.remove();
    point.tabIndex = at ? -1 : 0;
    point.addEventListener("pointerenter", () => show(panel, point));
    point.addEventListener("pointerleave", () => { if (document.activeElement !== point) hide(); });
    point.addEventListener("click", () => point.focus());
    point.addEventListener("focus", () => show(panel, point));
    point.addEventListener("blur", hide);
    point.addEventListener("keydown", (event) => {
      const steps = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: points.length - 1 };
      if (event.key === "Escape") hide();
      if (!(event.key in steps)) return;
      event.preventDefault();
      const next = points[(steps[event.key] + points.length) % points.length];
      point.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    });
  });
}

for (const row of document.querySelectorAll(".contexts tbody tr")) {
  row.addEventListener("pointerenter", () => ring(row.dataset.number));
  row.addEventListener("pointerleave", hide);
}

// The same occurrence in every panel and in the table; the halo comes last, so that no other point covers it.
function ring(number) {
  for (const row of document.querySelectorAll(".contexts tbody tr")) row.classList.toggle("same", row.dataset.number === number);
  for (const panel of document.querySelectorAll("svg.panel")) {
    const point = number && panel.querySelector(`.point[data-number="${number}"]`);
    panel.querySelector(".halo").setAttribute("transform", point ? point.getAttribute("transform") : "translate(-99,-99)");
  }
}

function show(panel, point) {
  const number = point.dataset.number;
  ring(number);
  const row = document.getElementById(`occurrence-${number}`);
  const sense = row.querySelector(".sense");
  const told = [paragraph([`No. ${number}, layer ${panel.dataset.layer} `, ...(sense ? sense.childNodes : [])]), paragraph(row.querySelector(".sentence").childNodes)];
  const near = row.querySelector(`td[data-layer="${panel.dataset.layer}"] ol`);
  if (near) told.push(near.cloneNode(true));
  tip.replaceChildren(...told);
  tip.hidden = false;
  const at = point.querySelector("path").getBoundingClientRect();
  const size = tip.getBoundingClientRect();
  const room = document.documentElement.clientWidth - size.width - 8;
  const left = Math.max(8, Math.min((at.left + at.right - size.width) / 2, room));
  const below = at.bottom + 10;
  const top = below + size.height < innerHeight ? below : Math.max(8, at.top - size.height - 10);
  tip.style.left = `${left}px`;
  tip.style.top = `${top}px`;
}

function paragraph(nodes) {
  const made = document.createElement("p");
  made.append(...[...nodes].map((node) => (typeof node === "string" ? node : node.cloneNode(true))));
  return made;
}

function hide() {
  tip.hidden = true;
  ring("");
}

addEventListener("scroll", () => { if (!tip.hidden && !document.activeElement.closest(".point")) hide(); }, { passive: true });
