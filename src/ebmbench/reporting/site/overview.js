"use strict";
/* The picture of data sets and methods: cells coloured by the distance to the best. */
const pictures = JSON.parse(document.getElementById("pictures").textContent);
const { factors: FACTORS, differences: DIFFERENCES } = JSON.parse(document.getElementById("ends").textContent);
const SEVERAL = "on two data sets or more";
const picture = { grid: pictures[0].grid, methods: SEVERAL };

/* "best", a factor of the best, or a difference to it. */
function distanceText(cell, ratio) {
  if (cell.mean === null) return "";
  if (cell.best) return "best";
  const size = ratio ? Math.exp(cell.distance) : Math.abs(cell.distance);
  const digits = size >= 10 || size < 0.01 ? String(Number(size.toPrecision(2))) : size.toFixed(2);
  return `${ratio ? "×" : cell.distance < 0 ? "−" : "+"}${digits}`;
}

function hint(method, dataset, cell) {
  const value = cell.mean === null ? "no value" : `${dataset.heading} ${shown(String(cell.mean))}`;
  const tied = cell.best ? ", the best" : cell.tied ? ", statistically tied with the best" : "";
  return `${method.label} on ${dataset.name}: ${value}${tied}; ${cell.failed} of ${cell.runs} runs failed`;
}

function drawCell(method, dataset, cell) {
  if (cell === null) return element("td", { className: "absent", title: "not run" });
  const tie = cell.tied && !cell.best ? element("span", { className: "tie" }, "= ") : "";
  const failed = cell.failed ? element("span", { className: "failures" }, ` ✗${cell.failed}`) : "";
  const names = [cell.colour === null ? "none" : `colour${cell.colour}`, ...(cell.failed ? ["failed"] : []),
    ...(cell.tied || cell.best ? ["leading"] : [])];
  const text = element("span", { className: "value" }, tie, distanceText(cell, dataset.ratio), failed);
  const button = element("button", { type: "button", title: hint(method, dataset, cell) }, text);
  button.addEventListener("click", () => openInBoard(dataset, method));
  return element("td", { className: names.join(" ") }, button);
}

/* The leaderboard of a data set by its main metric, and, with a method, where its number comes from. */
async function openInBoard(dataset, method) {
  const measure = measureOf(dataset);
  Object.assign(board, { grid: picture.grid, dataset: dataset.name, measure, family: ALL, loss: ALL, stats: ALL, sorted: null });
  await openTab("leaderboard");
  if (!method) return;
  const same = (row) => row.dataset === dataset.name && methodOf(row) === methodOf(method) && measureOf(row) === measure;
  const row = (await rowsOf(`reference/${picture.grid}/summary.csv`)).find(same);
  await openCell({ ...row, measure });
}

function drawLegend(list) {
  const entry = (name, text) => element("li", {}, element("span", { className: `sample ${name}` }), text);
  const steps = [...FACTORS.map((factor, at) => `to ×${factor} or +${DIFFERENCES[at]}`), "more"];
  list.replaceChildren(...steps.map((text, at) => entry(`colour${at}`, text)),
    element("li", {}, element("b", {}, "= "), "statistically tied with the best"),
    entry("colour2 failed", "✗n: n runs failed"), entry("none failed", "all runs failed"), entry("absent", "not run"));
}

async function drawOverview() {
  const section = document.getElementById("overview");
  const shownGrid = pictures.find((one) => one.grid === picture.grid);
  const several = shownGrid.methods.filter((method) => method.cells.filter((cell) => cell !== null).length > 1);
  const methods = picture.methods === ALL || !several.length ? shownGrid.methods : several;
  drawFilters(section.querySelector(".filters"), [
    { key: "grid", label: "run", options: pictures.map((one) => one.grid), value: picture.grid },
    { key: "methods", label: "methods", options: [SEVERAL, ALL], value: picture.methods },
  ], (key, value) => { picture[key] = value; drawOverview(); });
  drawLegend(section.querySelector(".legend"));
  const heads = shownGrid.datasets.map((dataset) => {
    const button = element("button", { type: "button" }, dataset.name);
    button.addEventListener("click", () => openInBoard(dataset, null));
    return element("th", { scope: "col" }, button, element("small", {}, dataset.heading));
  });
  const table = section.querySelector("table");
  table.tHead.replaceChildren(element("tr", {}, element("th", { scope: "col" }, "method"), ...heads));
  table.tBodies[0].replaceChildren(...methods.map((method) => element("tr", {},
    element("th", { scope: "row" }, element("span", { className: "swatch",
      style: `background:${COLOURS[methodOf(method)] ?? "#767676"}` }), method.label),
    ...method.cells.map((cell, at) => drawCell(method, shownGrid.datasets[at], cell)))));
}
