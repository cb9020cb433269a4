"""Panels of samplers over inverse temperatures: what stands where, and which markers are open."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from ebmbench.experiments.latent_samplers import COLUMNS
from ebmbench.reporting.figures import latent_samplers as module
from ebmbench.reporting.figures.latent_samplers import latent_samplers

BETAS = (0.1, 1.0, 10.0, 100.0, 1000.0)
NAMES = ("importance", "independence", "ula", "mala", "hmc", "kinetic")
HEIGHT = {name: 0.1 * 1.3**place for place, name in enumerate(NAMES)}


def row(beta, sampler, budget, distance, **changes):
    head = {"beta": beta, "sampler": sampler, "budget": budget, "evaluations": budget * 50, "draws": 50}
    distances = {"distance_to_model": distance, "distance_to_data": 2 * distance, "model_stderr": 0.01}
    return head | distances | {"data_stderr": 0.01, "mark": "", "status": "ok", "reason": ""} | changes


def tables():
    """Distances are ``HEIGHT`` over the budget's root; MALA is unconverged from 10 on, ULA diverges at 1000."""
    rows = []
    for beta in BETAS:
        rows += [row(beta, "exact", 0, 0.05), row(beta, "base", 0, 0.9)]
        for budget in (25, 100):
            for name in NAMES:
                changes = {"mark": "unconverged"} if name == "mala" and beta >= 10 else {}
                if name == "ula" and beta == 1000:
                    nothing = dict.fromkeys(("distance_to_model", "distance_to_data"), math.nan)
                    changes = nothing | {"status": "diverged", "reason": "3 of 50 chains"}
                rows.append(row(beta, name, budget, HEIGHT[name] * 5 / math.sqrt(budget), **changes))
    samples = pd.DataFrame(rows).reindex(columns=list(COLUMNS))
    return {"samples": samples, "floor": pd.DataFrame([{"distance_to_data": 0.04, "data_stderr": 0.001}])}


@pytest.fixture
def figure(saved_figures, tmp_path):
    figures = saved_figures(module)
    latent_samplers(tables(), tmp_path / "figure")
    return figures[0]


def markers(axes, name, face=None):
    look = module._LOOKS[name]
    wanted = look.colour if face is None else face
    lines = [line for line in axes.lines if line.get_marker() == look.marker and line.get_markerfacecolor() == wanted]
    return {(x, y) for line in lines for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)}


def test_every_panel_says_its_beta(figure):
    titles = [axes.get_title() for axes in figure.axes]
    assert titles[:4] == ["β = 0.1", "β = 1, the model", "β = 10", "β = 100"]
    assert titles[4] == "β = 1000\nula diverged"
    assert titles[5] == "every β, 100 evaluations per sample"


def test_points_stand_at_evaluations_a_draw_and_their_distance(figure):
    points = markers(figure.axes[1], "hmc")
    assert points == {(25.0, HEIGHT["hmc"]), (100.0, HEIGHT["hmc"] / 2)}
    assert figure.axes[1].get_xscale() == figure.axes[1].get_yscale() == "log"
    assert figure.axes[1].get_xlabel() == "evaluations per sample"
    assert "lower is better" in figure.axes[1].get_ylabel()


def test_marked_draws_have_an_open_marker(figure):
    model, cold = figure.axes[1], figure.axes[2]
    assert len(markers(model, "mala")) == 2 and not markers(model, "mala", "white")
    assert len(markers(cold, "mala", "white")) == 2 and not markers(cold, "mala")
    last = figure.axes[5]
    assert {x for x, _ in markers(last, "mala")} == {0.1, 1.0}
    assert {x for x, _ in markers(last, "mala", "white")} == {10.0, 100.0, 1000.0}


def test_the_last_panel_is_the_distance_to_the_data_at_the_largest_budget(figure):
    last = figure.axes[5]
    assert markers(last, "kinetic") == {(beta, HEIGHT["kinetic"]) for beta in BETAS}
    assert {x for x, _ in markers(last, "ula")} == set(BETAS) - {1000.0}
    flat = [line.get_ydata()[0] for line in last.lines if len(set(line.get_ydata())) == 1]
    # validation rows, base and exact draws
    assert {0.04, 1.8, 0.1} <= {round(float(height), 6) for height in flat}


def test_the_legend_names_all_and_what_open_means(figure):
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert len(labels) == len(NAMES) + 4
    assert labels[-1].startswith("open: R-hat > 1.05")
    colours = {module._LOOKS[name].colour for name in NAMES}
    assert len(colours) == len({module._LOOKS[name].marker for name in NAMES}) == len(NAMES)


def test_all_numbers_are_in_the_csv(tmp_path):
    latent_samplers(tables(), tmp_path / "figure")
    drawn = pd.read_csv(tmp_path / "figure.csv")
    assert drawn["panel"].value_counts().to_dict() == {"samples": len(tables()["samples"]), "floor": 1}
    assert (tmp_path / "figure.pdf").read_bytes().startswith(b"%PDF")


def test_without_exact_draws_at_one_beta_the_panel_stands(saved_figures, tmp_path):
    figures, given = saved_figures(module), tables()
    cold = given["samples"]["beta"] == 1000
    given["samples"].loc[cold, ["distance_to_model", "model_stderr"]] = math.nan
    latent_samplers(given, tmp_path / "figure")
    assert "no exact samples" in figures[0].axes[4].get_title()
