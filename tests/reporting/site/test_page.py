"""The static page: it carries committed files and nothing else, and works in a browser."""

import base64
import csv
import gzip
import re

import pytest

from ebmbench.core.errors import UserError
from ebmbench.planning.reference_runs import grids
from ebmbench.reporting.site import carried
from ebmbench.workflow.stages.site import write_site
from tests.helpers.browser import browser
from tests.helpers.paths import ROOT

RESULTS = ROOT / "results"

#: of the leaderboard, in the page
ROWS = "[...document.querySelectorAll('#leaderboard tbody tr')]"


@pytest.fixture
def page(opened):
    """The page with the leaderboard open."""
    opened.click("nav button[data-tab=leaderboard]")
    opened.wait("return document.querySelectorAll('#leaderboard tbody tr').length > 0")
    return opened


def lines(name):
    with (RESULTS / name).open(newline="") as file:
        return list(csv.DictReader(file))


def test_what_it_carries_is_what_is_committed_to_the_byte(index):
    packed = dict(re.findall(r'<script type="text/plain" data-file="([^"]+)">([^<]*)</script>', index.read_text()))
    assert list(packed) == carried(RESULTS)
    for name, text in packed.items():
        assert gzip.decompress(base64.b64decode(text)) == (RESULTS / name).read_bytes(), name


def test_nothing_is_loaded_from_elsewhere(index):
    text = index.read_text()
    assert not re.findall(r"(?:src|href)\s*=\s*[\"']?(?!data:)\w", re.sub(r"link\.href = ", "", text))
    assert not re.findall(r"@import|url\(|fetch\(|XMLHttpRequest|import\(", text)
    assert "default-src 'none'" in text


def test_the_same_files_make_the_same_page(index, tmp_path):
    write_site(RESULTS, tmp_path / "again.html")
    assert (tmp_path / "again.html").read_bytes() == index.read_bytes()


def test_a_missing_file_is_one_line(tmp_path):
    (tmp_path / "reference").mkdir()
    with pytest.raises(UserError, match=r"claims\.csv: the file is missing"):
        carried(tmp_path)


def shown_rows(page):
    """(class, text, title) of each cell of each row of the leaderboard."""
    return page.run(
        f"return {ROWS}.map((row) => [...row.cells].map((cell) => [cell.className, cell.textContent, cell.title]))"
    )


def of_view(page):
    """Rows of summary.csv that the leaderboard should show."""
    values = page.run(
        "return Object.fromEntries([...document.querySelectorAll('#leaderboard select')].map((s) => [s.name, s.value]))"
    )
    metric, split, distribution = values["measure"].split(" · ")
    wanted = {"metric": metric, "split": split, "distribution": distribution}
    wanted |= {key: values[key] for key in ("dataset", "family", "loss", "stats") if values[key] != "(all)"}
    rows = lines(f"reference/{values['grid']}/summary.csv")
    return [row for row in rows if all(row[key] == value for key, value in wanted.items())]


def check_view(page):
    """The rows and every number are the csv's, and what is shown is the number to four digits."""
    rows, wanted = shown_rows(page), of_view(page)
    assert len(rows) == len(wanted) > 0
    keys = ["mean", "ci_low", "ci_high", "seeds", "failed"]
    assert sorted([cell[2] for cell in row if cell[0] == "number"][: len(keys)] for row in rows) == sorted(
        [of[key] for key in keys] for of in wanted
    )
    for _, text, title in (cell for row in rows for cell in row[:11] if cell[0] == "number"):
        if title:
            assert float(text) == pytest.approx(float(title), rel=5.1e-4)
        else:
            assert text == "—"


def show(page, grid, dataset):
    page.choose("grid", grid, "leaderboard")
    page.wait(f"return document.querySelector('#leaderboard select[name=grid]').value === '{grid}'")
    page.choose("dataset", dataset, "leaderboard")
    page.wait(f"return {ROWS}.every((row) => row.cells[0].title === '{dataset}')")


@browser
def test_it_loads_with_every_run_that_is_committed(page):
    offered = page.run(
        "return [...document.querySelectorAll('#leaderboard select[name=grid] option')].map((option) => option.value)"
    )
    assert offered == grids(RESULTS / "reference")
    check_view(page)
    assert not [entry for entry in page.call("POST", "se/log", {"type": "browser"}) if entry["level"] == "SEVERE"]


@browser
def test_filters_leave_what_they_name(page):
    show(page, "gebm", "redwine")
    all_rows = len(shown_rows(page))
    check_view(page)
    page.choose("loss", "ed", "leaderboard")
    page.wait(f"return {ROWS}.every((row) => row.cells[2].title === 'ed')")
    assert 0 < len(shown_rows(page)) < all_rows
    check_view(page)


@browser
def test_published_numbers_have_a_column_of_their_own(page):
    show(page, "gebm", "redwine")
    heads = page.run("return [...document.querySelectorAll('#leaderboard th')].map((head) => head.textContent)")
    assert heads[-1] == "literature in nats"
    reported = {(row[1][2], row[2][2], row[3][2]): row[-1][2] for row in shown_rows(page) if row[-1][2]}
    assert reported["gebm_combined", "kale_f", "none"] == "12.10 (min), 12.12 (last)"
    assert {family for family, _, _ in reported} == {"gebm_combined"}


@browser
def test_columns_sort_both_ways(page):
    def means():
        return [float(row[4][2]) for row in shown_rows(page) if row[4][2]]

    up = means()
    assert up == sorted(up)
    page.click("#leaderboard th[data-key=mean] button")
    page.wait("return document.querySelector('#leaderboard th[data-key=mean]').ariaSort === 'descending'")
    assert means() == up[::-1]
    page.click("#leaderboard th[data-key=loss] button")
    page.wait("return document.querySelector('#leaderboard th[data-key=loss]').ariaSort === 'ascending'")
    losses = [row[2][2] for row in shown_rows(page)]
    assert losses == sorted(losses)


@browser
def test_error_bars_are_on_one_axis_in_the_order_of_means(page):
    places = page.run(
        "return [...document.querySelectorAll('#leaderboard circle')].map((dot) => +dot.getAttribute('cx'))"
    )
    assert len(places) > 2 and places == sorted(places)


@browser
def test_a_click_tells_where_a_number_is_from(page):
    page.click("#leaderboard tbody tr:nth-child(2)")
    text = page.wait("const d = document.getElementById('detail'); return d.hidden ? '' : d.innerText")
    row = shown_rows(page)[1]
    cell = {key: row[i][2] for i, key in enumerate(("dataset", "family", "loss", "stats"))}
    grid = grids(RESULTS / "reference")[0]
    summary = next(of for of in of_view(page) if all(of[key] == value for key, value in cell.items()))
    scores = [
        (at, of)
        for at, of in enumerate(lines(f"reference/{grid}/scores.csv"), start=2)
        if all(of[key] == summary[key] for key in (*cell, "metric", "split", "distribution"))
    ]
    values = page.run("return [...document.querySelectorAll('#detail tbody tr')].map((row) => row.cells[1].title)")
    assert values == [of["value"] for _, of in scores]
    assert f"results/reference/{grid}/scores.csv, lines {', '.join(str(at) for at, _ in scores)}" in text
    run = next(of for of in lines(f"reference/{grid}/runs.csv") if all(of[key] == value for key, value in cell.items()))
    assert run["provenance.code_digest"] in text and run["provenance.data_digest"] in text
    method = "-".join(cell[key] for key in ("family", "loss", "stats"))
    assert f"ebmbench recompute {grid} {cell['dataset']} {method} --seed {run['seed']}" in text
    assert "snakemake" not in text
    page.press("body", "Escape")
    page.wait("return document.getElementById('detail').hidden")


@browser
def test_downloads_hold_the_file(page):
    name = f"reference/{grids(RESULTS / 'reference')[0]}/summary.csv"
    text = page.call(
        "POST",
        "execute/async",
        {"script": "textOf(arguments[0]).then(arguments[arguments.length - 1])", "args": [name]},
    )
    assert text == (RESULTS / name).read_text()
    titles = page.run("return [...document.querySelectorAll('#leaderboard .downloads button')].map((b) => b.title)")
    assert f"results/{name}" in titles


@browser
@pytest.mark.parametrize(
    ("tab", "name", "key"),
    [("claims", "reference/claims/claims.csv", "verdict"), ("published", "published/gebm_uci_curves.csv", "certainty")],
)
def test_other_tabs_show_their_file(page, tab, name, key):
    page.click(f"nav button[data-tab={tab}]")
    page.wait(f"return document.querySelectorAll('#{tab} tbody tr').length > 0")
    count = f"return document.querySelectorAll('#{tab} tbody tr').length"
    rows = [row for path in ([name] if tab == "claims" else published()) for row in lines(path)]
    assert page.run(count) == len(rows)
    value = rows[0][key]
    page.choose(key, value, tab)
    page.wait(f"return document.querySelector('#{tab} select[name={key}]').value === '{value}'")
    assert page.run(count) == sum(row[key] == value for row in rows)
    page.click(f"#{tab} tbody tr")
    assert page.wait("const d = document.getElementById('detail'); return d.hidden ? '' : d.innerText")


def published():
    return [name for name in carried(RESULTS) if name.startswith("published/")]
