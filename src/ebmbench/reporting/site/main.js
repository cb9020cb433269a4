"use strict";
/* The tables, and the panel that shows where a number comes from. */
const COLOURS = JSON.parse(document.getElementById("colours").textContent);
const AXES = ["dataset", "family", "loss", "stats"];
const methodOf = (row) => `${row.family}-${row.loss}-${row.stats}`;
const grids = filesBelow("reference/").filter((name) => name.endsWith("/summary.csv")).map((name) => name.split("/")[1]);
const options = (rows, key) => [ALL, ...[...new Set(rows.map((row) => row[key]))].sort()];
const kept = (rows, state, keys) =>
  rows.filter((row) => keys.every((key) => state[key] === ALL || row[key] === state[key]));

function facts(pairs) {
  const lines = pairs.filter(([, text]) => text !== undefined && text !== "");
  return element("dl", {}, ...lines.flatMap(([name, text]) => [element("dt", {}, name), element("dd", {}, text)]));
}

function openDetail(...children) {
  const aside = document.getElementById("detail");
  aside.querySelector("div").replaceChildren(...children);
  aside.hidden = false;
}

function downloads(section, files, view) {
  const buttons = files.map((name) => {
    const button = element("button", { type: "button", title: `results/${name}` }, name.split("/").slice(1).join("/"));
    button.addEventListener("click", async () => download(name.split("/").slice(1).join("-"), await textOf(name)));
    return button;
  });
  const own = element("button", { type: "button" }, "this view");
  own.addEventListener("click", () => download("view.csv", csvOf(...view())));
  section.querySelector(".downloads").replaceChildren("Download as csv: ", ...buttons, own);
}

/* -- leaderboard -- */
const board = { grid: grids[0], dataset: null, measure: null, family: ALL, loss: ALL, stats: ALL, sorted: null };

const measureOf = (row) => `${row.metric} · ${row.split} · ${row.distribution}`;

async function drawBoard() {
  const section = document.getElementById("leaderboard");
  const rows = (await rowsOf(`reference/${board.grid}/summary.csv`)).map((row) => ({ ...row, measure: measureOf(row) }));
  const datasets = [ALL, ...new Set(rows.map((row) => row.dataset))];
  if (!datasets.includes(board.dataset)) board.dataset = datasets[1];
  const inData = kept(rows, board, ["dataset"]);
  const measures = [...new Set(inData.map((row) => row.measure))].sort();
  if (!measures.includes(board.measure)) board.measure = preferred(measures);
  const measured = inData.filter((row) => row.measure === board.measure);
  for (const key of ["family", "loss", "stats"]) if (!options(measured, key).includes(board[key])) board[key] = ALL;
  const view = kept(measured, board, ["family", "loss", "stats"]);
  const higher = measured[0].direction === "higher";
  const sorted = board.sorted ?? { key: "mean", down: higher };
  const filter = (key, label, choices) => ({ key, label, options: choices, value: board[key] });
  drawFilters(section.querySelector(".filters"), [
    filter("grid", "run", grids), filter("dataset", "data set", datasets),
    filter("measure", "metric · split · distribution", measures),
    filter("family", "family", options(measured, "family")), filter("loss", "loss", options(measured, "loss")),
    filter("stats", "statistics", options(measured, "stats")),
  ], (key, value) => { board[key] = value; if (key !== "family") board.sorted = null; drawBoard(); });
  const unit = measured[0].unit ? ` in ${measured[0].unit}` : "";
  section.querySelector(".about").textContent =
    `${view[0]?.metric ?? ""}${unit}, ${higher ? "higher" : "lower"} is better: mean over seeds with 95 % intervals over ` +
    "seeds (none with one seed). Distribution “model”: samples and densities of the model itself; “sampler”: samples from " +
    "its declared sampler. Runs without a value are counted as failed and excluded from the mean.";
  downloads(section, ["summary", "scores", "runs"].map((name) => `reference/${board.grid}/${name}.csv`),
    () => [view, Object.keys(rows[0]).filter((key) => !["at", "measure", "published"].includes(key))]);
  const [low, high] = axisOf(view);
  for (const row of view) row.published = await publishedBeside(row);
  const printedColumn = { key: "published", label: `literature${unit}`, number: true };
  const colour = (row) => COLOURS[methodOf(row)] ?? "#767676";
  drawTable(section.querySelector("table"), [
    { key: "dataset", label: "data set" }, { key: "family", label: "family", cell: (row) =>
      element("span", {}, element("span", { className: "swatch", style: `background:${colour(row)}` }), row.family) },
    { key: "loss", label: "loss" }, { key: "stats", label: "statistics" },
    { key: "mean", label: `mean${unit} ${higher ? "↑" : "↓"}`, number: true },
    { key: "ci_low", label: "CI low", number: true }, { key: "ci_high", label: "CI high", number: true },
    { key: "bar", label: "", cell: (row) => errorBar(row, low, high, colour(row)) },
    { key: "seeds", label: "seeds", number: true }, { key: "failed", label: "failed", number: true },
    { key: "marks", label: "marks" }, ...(view.some((row) => row.published) ? [printedColumn] : []),
  ], view, sorted, (key) => {
    board.sorted = { key, down: sorted.key === key ? !sorted.down : false };
    drawBoard();
  }, openCell);
}

/* Kinds of literature values that are comparable with a finished training, as in the tables (comparisons.py). */
const FINISHED = ["min", "max", "last", "mean"];

/* Literature results for the same data set, family, loss, metric and split; never our own numbers. */
async function publishedBeside(row) {
  if (row.distribution !== "model" || row.stats !== "none") return "";
  const tables = await Promise.all(filesBelow("published/").map(rowsOf));
  const same = tables.flat().filter((other) => FINISHED.includes(other.what) && other.method === row.loss &&
    ["dataset", "family", "metric", "split"].every((key) => other[key] === row[key]));
  return same.map((other) => `${other.value} (${other.what})`).join(", ");
}

/* The measure shown first. */
function preferred(measures) {
  const first = ["kl · exact · model", "nll · test · model", "fd_cnn · test · model"];
  return first.find((measure) => measures.includes(measure)) ?? measures[0];
}

async function openCell(row) {
  const folder = `reference/${board.grid}`;
  const same = (other) => AXES.every((axis) => other[axis] === row[axis]);
  const scores = (await rowsOf(`${folder}/scores.csv`)).filter((other) => same(other) && measureOf(other) === row.measure);
  const runs = (await rowsOf(`${folder}/runs.csv`)).filter(same);
  const origin = JSON.parse(await textOf(`${folder}/provenance.json`));
  const digests = [...new Set(runs.map((run) => run["provenance.code_digest"]))];
  const code = digests.map((digest) => `${digest} of commit ${origin.code[digest]?.commit ?? "unknown"}`);
  const number = (key) => ({ key, label: key, number: true });
  const table = element("table", {}, element("thead"), element("tbody"));
  drawTable(table, [number("seed"), number("value"), number("stderr"), { key: "method", label: "method" }, number("n"),
    { key: "status", label: "status" }, { key: "mark", label: "mark" }, { key: "at", label: "line", number: true }],
  scores, { key: "seed", down: false }, () => {}, () => {});
  const one = runs[0] ?? {};
  openDetail(
    element("h2", {}, `${row.dataset}/${methodOf(row)}`), element("p", {}, `${row.measure}; values by seed:`), table,
    element("p", {}, "Failures: ", row.failures || "none"),
    facts([
      ["mean", `${row.mean}: results/${folder}/summary.csv, line ${row.at}`],
      ["values", `results/${folder}/scores.csv, lines ${scores.map((score) => score.at).join(", ")}`],
      ["runs", `results/${folder}/runs.csv, lines ${runs.map((run) => run.at).join(", ")}`],
      ["code", code.join(", ")],
      ["configuration", `${origin.configfile} of commit ${origin.commit}, sha256 ${origin.config}`],
      ["data digest", [...new Set(runs.map((run) => run["provenance.data_digest"]))].join(", ")],
      ["machine", `${one["provenance.host.processor"]}, ${one["provenance.device"]}`],
      ["torch", one["provenance.versions.torch"]], ["Python", one["provenance.versions.python"]],
      ["training seconds", runs.map((run) => shown(run["train.seconds"])).join(", ")],
      ["energy evaluations", runs.map((run) => shown(run["train.energy_evaluations"])).join(", ")],
      ["likelihood", one["likelihood.method"]], ["sampler", one["samples.sampler"]],
    ]),
    element("p", {}, "To recompute the numbers of one seed and compare every digit, run in a checkout:"),
    element("code", {}, `ebmbench recompute ${board.grid} ${row.dataset} ${methodOf(row)} --seed ${one.seed}`),
  );
}

/* -- claims and published numbers -- */
const claimed = { verdict: ALL, grid: ALL, on: ALL, sorted: { key: "id", down: false } };

async function drawClaims() {
  const section = document.getElementById("claims"), name = "reference/claims/claims.csv";
  const rows = await rowsOf(name), keys = ["grid", "on", "verdict"];
  const label = { grid: "run", on: "data set", verdict: "verdict" };
  drawFilters(section.querySelector(".filters"), keys.map((key) => (
    { key, label: label[key], options: options(rows, key), value: claimed[key] })),
  (key, value) => { claimed[key] = value; drawClaims(); });
  const view = kept(rows, claimed, keys);
  downloads(section, [name], () => [view, Object.keys(rows[0]).filter((key) => key !== "at")]);
  const sortBy = (key) => {
    claimed.sorted = { key, down: claimed.sorted.key === key ? !claimed.sorted.down : false };
    drawClaims();
  };
  const verdict = (row) => element("span", { className: row.verdict.replaceAll(" ", "-") }, row.verdict);
  drawTable(section.querySelector("table"), [
    { key: "claim", label: "claim" }, { key: "grid", label: "run" }, { key: "on", label: "on" },
    { key: "verdict", label: "verdict", cell: verdict }, { key: "effect", label: "effect", number: true },
    { key: "ci_low", label: "CI low", number: true }, { key: "ci_high", label: "CI high", number: true },
    { key: "unit", label: "unit" }, { key: "pairs", label: "pairs", number: true },
  ], view, claimed.sorted, sortBy, (row) => openDetail(
    element("h2", {}, row.id), element("p", {}, row.claim),
    facts([["verdict", `${row.verdict} on ${row.on}`], ["expected", row.expected], ["source", row.source],
      ["test", `${row.test}, level ${row.level}`], ["held on", row.held], ["not held on", row.not_held],
      ["undecided on", row.undecided], ["pairs lost", row.lost], ["computed from", `results/reference/${row.grid}/${row.table}.csv`],
      ["verdict in", `results/${name}, line ${row.at}`]])));
}

const printed = { paper: ALL, dataset: ALL, method: ALL, certainty: ALL, sorted: { key: "paper", down: false } };

async function drawPublished() {
  const section = document.getElementById("published"), files = filesBelow("published/");
  const of = async (name) => (await rowsOf(name)).map((row) => ({ ...row, file: name }));
  const rows = (await Promise.all(files.map(of))).flat();
  drawFilters(section.querySelector(".filters"), ["paper", "dataset", "method", "certainty"].map((key) => (
    { key, label: key, options: options(rows, key), value: printed[key] })),
  (key, value) => { printed[key] = value; drawPublished(); });
  const view = kept(rows, printed, ["paper", "dataset", "method", "certainty"]);
  downloads(section, files, () => [view, Object.keys(rows[0]).filter((key) => key !== "at" && key !== "file")]);
  const keys = ["paper", "dataset", "method", "metric", "split", "what", "epoch", "value", "unit", "seeds", "certainty"];
  const numbers = ["epoch", "value", "seeds"];
  drawTable(section.querySelector("table"),
    keys.map((key) => ({ key, label: key === "value" ? "literature value" : key, number: numbers.includes(key) })),
    view, printed.sorted, (key) => {
      printed.sorted = { key, down: printed.sorted.key === key ? !printed.sorted.down : false };
      drawPublished();
    }, (row) => openDetail(element("h2", {}, `${row.paper}, ${row.dataset}, ${row.method}`),
      facts([["value", row.value], ["source", row.source], ["certainty", row.certainty], ["note", row.note],
        ["coordinates", row.coordinates], ["in", `results/${row.file}, line ${row.at}`]])));
}

const DRAW = { overview: drawOverview, leaderboard: drawBoard, claims: drawClaims, published: drawPublished };

async function openTab(name) {
  document.getElementById("detail").hidden = true;
  for (const tab of document.querySelectorAll("[role=tab]")) tab.setAttribute("aria-selected", tab.dataset.tab === name);
  for (const section of document.querySelectorAll("main section")) section.hidden = section.id !== name;
  await DRAW[name]();
  document.getElementById("state").textContent = "";
}

for (const tab of document.querySelectorAll("[role=tab]")) tab.addEventListener("click", () => openTab(tab.dataset.tab));
document.querySelector("#detail .close").addEventListener("click", () => { document.getElementById("detail").hidden = true; });
document.addEventListener("keydown", (event) => { if (event.key === "Escape") document.getElementById("detail").hidden = true; });
openTab("overview").catch((error) => { document.getElementById("state").textContent = `${error}`; });
