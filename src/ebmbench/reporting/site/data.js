"use strict";
/* The embedded csv files, compressed; each is decompressed on first use. */
const unpacked = new Map();

/* The text of a file of the repository's results folder, e.g. "reference/default/scores.csv". */
async function textOf(name) {
  if (!unpacked.has(name)) {
    const packed = document.querySelector(`script[data-file="${name}"]`).textContent;
    const bytes = Uint8Array.from(atob(packed), (sign) => sign.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    unpacked.set(name, new Response(stream).text());
  }
  return unpacked.get(name);
}

/* Lines of fields; a field in quotes may hold commas, line breaks and doubled quotes. */
function fieldsOf(text) {
  const lines = [];
  let line = [], at = 0;
  while (at < text.length) {
    let field = "";
    if (text[at] === '"') {
      let end = at + 1;
      while (text[end] !== '"' || text[end + 1] === '"') end += text[end] === '"' ? 2 : 1;
      field = text.slice(at + 1, end).replaceAll('""', '"');
      at = end + 1;
    } else {
      let end = at;
      while (end < text.length && text[end] !== "," && text[end] !== "\n") end += 1;
      field = text.slice(at, end);
      at = end;
    }
    line.push(field.replace(/\r$/, ""));
    if (text[at] !== ",") { lines.push(line); line = []; }
    at += 1;
  }
  return lines;
}

const parsed = new Map();

/* Rows of a file as objects of text, each with the number of its line in the file as `at`. */
async function rowsOf(name) {
  if (!parsed.has(name)) {
    const [heading, ...lines] = fieldsOf(await textOf(name));
    const row = (line, index) => ({ ...Object.fromEntries(heading.map((key, i) => [key, line[i]])), at: index + 2 });
    parsed.set(name, lines.map(row));
  }
  return parsed.get(name);
}

function filesBelow(folder) {
  const found = [...document.querySelectorAll("script[data-file]")].map((script) => script.dataset.file);
  return found.filter((name) => name.startsWith(folder));
}

/* A table's csv, as a file to keep. */
function download(name, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

function csvOf(rows, columns) {
  const quoted = (field) => (/[",\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field);
  const lines = rows.map((row) => columns.map((key) => quoted(row[key] ?? "")).join(","));
  return [columns.join(","), ...lines].join("\n") + "\n";
}
