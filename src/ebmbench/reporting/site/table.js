"use strict";
/* Tables with filters above and columns that sort. */
const SVG = "http://www.w3.org/2000/svg";
const ALL = "(all)";

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key in made && key !== "list") made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

/* A number of a csv with at most four digits, the file's own text on hover; text stays as it is. */
function shown(text) {
  if (text === "" || text === undefined) return "—";
  const value = Number(text);
  if (!Number.isFinite(value)) return text;
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return String(value);
  if (/^-?\d*\.?\d*$/.test(text) && text.replace(/^-?[0.]*|\./g, "").length <= 4) return text;
  const short = value.toPrecision(4);
  if (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e6) return value.toExponential(3);
  return short.includes("e") ? String(Number(short)) : short;
}

function compare(one, other, key, down) {
  const [a, b] = [one[key], other[key]];
  const empty = (text) => text === "" || text === undefined || text === "nan";
  if (empty(a) !== empty(b)) return empty(a) ? 1 : -1;
  const numbers = [Number(a), Number(b)];
  const order = numbers.every(Number.isFinite) ? numbers[0] - numbers[1] : String(a).localeCompare(String(b));
  return down ? -order : order;
}

/* A select for each filter: {key, label, options, value}; `changed(key, value)` at a choice. */
function drawFilters(form, filters, changed) {
  form.replaceChildren(...filters.map(({ key, label, options, value }) => {
    const choices = options.map((option) => element("option", { value: option, selected: option === value }, option));
    const select = element("select", { name: key }, ...choices);
    select.addEventListener("change", () => changed(key, select.value));
    return element("label", {}, label, select);
  }));
}

/* columns: {key, label, number, cell}; `sorted`: {key, down}. */
function drawTable(table, columns, rows, sorted, sortBy, open) {
  const heads = columns.map((column) => {
    const here = sorted.key === column.key;
    const sign = here ? (sorted.down ? " ▾" : " ▴") : "";
    const direction = here ? (sorted.down ? "descending" : "ascending") : "none";
    const button = element("button", { type: "button" }, column.label + sign);
    button.addEventListener("click", () => sortBy(column.key));
    const className = column.number ? "number" : "";
    return element("th", { "aria-sort": direction, "data-key": column.key, className }, button);
  });
  table.tHead.replaceChildren(element("tr", {}, ...heads));
  const ordered = [...rows].sort((one, other) => compare(one, other, sorted.key, sorted.down));
  table.tBodies[0].replaceChildren(...ordered.map((row) => drawRow(columns, row, open)));
}

function drawRow(columns, row, open) {
  const cells = columns.map((column) => {
    const content = column.cell ? column.cell(row) : shown(row[column.key]);
    return element("td", { className: column.number ? "number" : "", title: row[column.key] ?? "" }, content);
  });
  const line = element("tr", { tabIndex: 0 }, ...cells);
  const chosen = () => {
    document.querySelectorAll("tbody tr[aria-selected]").forEach((other) => other.removeAttribute("aria-selected"));
    line.setAttribute("aria-selected", "true");
    open(row);
  };
  line.addEventListener("click", chosen);
  line.addEventListener("keydown", (event) => { if (event.key === "Enter") chosen(); });
  return line;
}

/* A dot at the mean and a whisker over the interval, on the axis that all rows share. */
function errorBar(row, low, high, colour) {
  const width = 180, height = 16;
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("width", width);
  picture.setAttribute("height", height);
  const x = (text) => 4 + (width - 8) * Math.min(1, Math.max(0, (Number(text) - low) / (high - low || 1)));
  const part = (tag, attributes) => {
    const made = document.createElementNS(SVG, tag);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    picture.append(made);
  };
  if (row.mean === "") return picture;
  if (row.ci_low !== "" && row.ci_high !== "") {
    part("line", { x1: x(row.ci_low), x2: x(row.ci_high), y1: height / 2, y2: height / 2, stroke: colour, "stroke-width": 2 });
  }
  part("circle", { cx: x(row.mean), cy: height / 2, r: 4, fill: colour });
  return picture;
}

/* The ends of the shared axis: of the means, and of what intervals stay within twice their range. */
function axisOf(rows) {
  const means = rows.map((row) => row.mean).filter((text) => text !== "").map(Number);
  if (!means.length) return [0, 1];
  const low = Math.min(...means), high = Math.max(...means), span = high - low || Math.abs(high) || 1;
  const ends = rows.flatMap((row) => [row.ci_low, row.ci_high]).filter((text) => text !== "").map(Number);
  const near = ends.filter((value) => value > low - span && value < high + span);
  return [Math.min(low, ...near), Math.max(high, ...near)];
}
