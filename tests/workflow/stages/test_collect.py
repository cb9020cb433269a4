from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest
import torch

from ebmbench.core.cells import Cell, Job
from ebmbench.core.columns import CURVES, SCORES, SKIPPED
from ebmbench.core.errors import UserError
from ebmbench.core.files import read_json, write_json, write_tensors
from ebmbench.workflow.stages.collect import collect
from tests.helpers.paths import ROOT

SCHEMAS = ROOT / "src/ebmbench/core/schemas"
HEADER = ",".join(SCORES)


def folder_of(root: Path, dataset: str, block: str = "0-1") -> Path:
    """Seed 0 ended well with nll 2.50 on the test rows and unconverged chains at beta 2, seed 1 diverged."""
    cell = Cell(dataset, "ebm", "ed", "none")
    folder = Job(cell, block).folder(root)
    folder.mkdir(parents=True)
    first, second = block.split("-")
    head = f"{dataset},ebm,ed,none"
    rows = [
        f"{head},{first},test,nll,model,quadrature,1,2.50,0.01,100,0.125,ok,,,{cell.run(int(first))}",
        f"{head},{first},test,mmd2,sampler,MALA,2,0.10,0.02,50,,ok,,unconverged,{cell.run(int(first))}",
        f"{head},{first},test,mmd2,model,grid,1,0.30,0.02,50,,ok,,,{cell.run(int(first))}",
        f'{head},{second},test,nll,model,,1,,,,,diverged,"NaN, at step 3",,{cell.run(int(second))}',
    ]
    (folder / "scores.csv").write_text("\n".join([HEADER, *rows]) + "\n")
    (folder / "statistics.csv").write_text(
        "dataset,family,loss,stats,seed,set,statistic,distribution,beta,mark,"
        "mean_model,mean_test,sd_test,sae,stderr,z,floor,sae_smooth,w1,stein,stein_stderr,ed,ed_stderr,run\n"
        f"{head},{first},moments,x1,sampler,2,unconverged,0.1,0.0,1.0,0.1,0.05,2.0,0.01,0.1,0.2,,,,,{cell.run(int(first))}\n"
        f"{head},{first},moments,x1,model,1,,0.1,0.0,1.0,0.1,0.05,2.0,0.01,0.1,0.2,,,,,{cell.run(int(first))}\n"
        f"{head},{first},moments,x0,model,1,,0.1,0.0,1.0,0.1,0.05,2.0,0.01,0.1,0.2,,,,,{cell.run(int(first))}\n"
    )
    (folder / "curves.csv").write_text(
        ",".join(CURVES) + f"\n{first},10,0.5,640,0,1.5,1.6,0.25,0.5,0.4,,\n{first},2,0.1,128,0,2.5,2.6,,,,,\n"
    )
    runs = {
        first: {"status": "ok", "reason": "", "seconds": 1.5, "steps": 10, "parameters": 7},
        second: {"status": "diverged", "reason": "NaN, at step 3", "seconds": 0.25, "steps": 3, "parameters": 7},
    }
    digests = {first: "abc", second: "def"}
    provenance = {"device": "cpu", "data_digest": digests, "versions": {"torch": "2.1"}, "host": {"cores": 2}}
    write_json(folder / "run.json", {"cell": cell._asdict(), "runs": runs, "provenance": provenance})
    sampled = {
        "likelihood": {"status": "ok", "reason": "", "method": "quadrature", "ess_fraction": 0.5, "log_z_gap": 0.02},
        "samples": {"status": "ok", "sampler": "mala", "kind": "invariant", "beta": 2.0, "mark": "unconverged"}
        | {"n_eff": 50.5, "step_size": 0.125, "acceptance": 0.75, "ess_bulk": 60.0},
        "model": {"status": "ok", "reason": "", "sampler": "grid", "n_eff": 400},
        "seconds": 3.0,
    }
    write_json(folder / "sampling.json", {"runs": {first: sampled, second: {}}})
    tensors = {f"{first}/log_z": torch.tensor(1.25), f"{first}/log_z_stderr": torch.tensor(0.125)}
    write_tensors(folder / "log_prob.safetensors", tensors | {f"{first}/test": torch.zeros(3)})
    return folder


SKIPS = pd.DataFrame(
    [("rings", "kde", "ed", "none", "no loss"), ("moons", "kde", "ed", "none", "a, b")], columns=SKIPPED
)


@pytest.fixture
def folders(tmp_path: Path) -> list[Path]:
    return [folder_of(tmp_path, "moons"), folder_of(tmp_path, "moons", "2-10"), folder_of(tmp_path, "ball")]


def gather(folders: list[Path], out: Path) -> Path:
    collect(folders, SKIPS, out, SCHEMAS)
    return out


def refused(folders: list[Path], out: Path) -> str:
    with pytest.raises(UserError) as caught:
        gather(folders, out)
    assert "\n" not in str(caught.value)
    assert not (out / "scores.csv").exists()
    return str(caught.value)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_scores_keep_their_digits_and_are_sorted_by_key(folders, tmp_path):
    lines = (gather(folders, tmp_path / "out") / "scores.csv").read_text().splitlines()
    assert lines[0] == HEADER
    assert [line.split(",")[0] + line.split(",")[4] for line in lines[1:] if ",nll," in line] == [
        *("ball0", "ball1", "moons0", "moons1", "moons2", "moons10")  # as text, 10 would stand before 2
    ]
    assert lines[1:5] == [
        "ball,ebm,ed,none,0,test,mmd2,model,grid,1,0.30,0.02,50,,ok,,,ball/ebm-ed-none/s0",
        "ball,ebm,ed,none,0,test,mmd2,sampler,MALA,2,0.10,0.02,50,,ok,,unconverged,ball/ebm-ed-none/s0",
        "ball,ebm,ed,none,0,test,nll,model,quadrature,1,2.50,0.01,100,0.125,ok,,,ball/ebm-ed-none/s0",
        'ball,ebm,ed,none,1,test,nll,model,,1,,,,,diverged,"NaN, at step 3",,ball/ebm-ed-none/s1',
    ]


def test_statistics_are_sorted_by_distribution_and_keep_their_order_within(folders, tmp_path):
    statistics = pd.read_csv(gather(folders[:1], tmp_path / "out") / "statistics.csv")
    assert list(zip(statistics["distribution"], statistics["statistic"], strict=True)) == [
        *(("model", "x1"), ("model", "x0"), ("sampler", "x1"))
    ]


def test_same_inputs_give_the_same_bytes_in_any_order(folders, tmp_path):
    one, other = gather(folders, tmp_path / "one"), gather(folders[::-1] + folders[:1], tmp_path / "other")
    names = ["curves.csv", "runs.csv", "scores.csv", "skipped.csv", "statistics.csv"]
    assert sorted(path.name for path in one.iterdir()) == names
    assert all((one / name).read_bytes() == (other / name).read_bytes() for name in names)
    fewer = gather(folders[:2], tmp_path / "fewer")
    assert (fewer / "scores.csv").read_bytes() != (one / "scores.csv").read_bytes()


def test_only_the_given_folders_are_read(folders, tmp_path):
    (folders[2] / "scores.csv").write_text("damaged")
    table = pd.read_csv(gather(folders[:2], tmp_path / "out") / "scores.csv")
    assert set(table["dataset"]) == {"moons"}


def test_runs_hold_what_each_file_tells_of_the_run(folders, tmp_path):
    runs = pd.read_csv(gather(folders, tmp_path / "out") / "runs.csv").set_index("run")
    row = runs.loc["moons/ebm-ed-none/s0"]
    reported = {
        **{"status": "ok", "train.seconds": 1.5, "train.steps": 10, "train.parameters": 7, "sampling.seconds": 3.0},
        **{"likelihood.method": "quadrature", "likelihood.ess_fraction": 0.5, "likelihood.log_z_stderr": 0.125},
        **{"samples.sampler": "mala", "samples.n_eff": 50.5, "provenance.device": "cpu"},
        **{"samples.kind": "invariant", "samples.beta": 2.0, "samples.mark": "unconverged"},
        **{"samples.step_size": 0.125, "samples.acceptance": 0.75, "samples.ess_bulk": 60.0},
        **{"likelihood.log_z_gap": 0.02, "model.sampler": "grid", "model.n_eff": 400, "model.status": "ok"},
        **{"provenance.data_digest": "abc", "provenance.versions.torch": 2.1, "provenance.host.cores": 2},
    }
    assert {name: row[name] for name in reported} == reported
    diverged = runs.loc["moons/ebm-ed-none/s1"]
    assert (diverged["status"], diverged["reason"], diverged["provenance.data_digest"]) == (
        *("diverged", "NaN, at step 3", "def"),
    )
    assert pd.isna(diverged["likelihood.log_z_stderr"])
    assert pd.isna(row["samples.rhat"])  # infinite: it is not in the file


def test_curves_name_their_cell_and_are_sorted_by_step(folders, tmp_path):
    curves = pd.read_csv(gather(folders[:1], tmp_path / "out") / "curves.csv")
    assert list(curves.columns[:6]) == ["dataset", "family", "loss", "stats", "seed", "step"]
    assert list(curves["step"]) == [2, 10]
    assert list(curves["kl"].isna()) == [True, False]
    assert list(curves.loc[1, ["kl", "mse_log_density", "mse_log_density_data_z"]]) == [0.25, 0.5, 0.4]


def test_skipped_is_sorted(folders, tmp_path):
    skipped = pd.read_csv(gather(folders, tmp_path / "out") / "skipped.csv")
    assert list(skipped["dataset"]) == ["moons", "rings"]
    assert skipped["reason"][0] == "a, b"


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("diverged,", "exploded,", "row 4: status = 'exploded'"),
        (",1,,,,,diverged", ",1,3.5,,,,diverged", "row 4: value = '3.5' with status diverged; allowed: empty"),
        ("sampler,MALA", "both,MALA", "row 2: distribution = 'both'; allowed: model, sampler"),
        ("unconverged", "stuck", "row 2: mark = 'stuck'; allowed: unconverged, optimiser, empty"),
        ("MALA,2,", "MALA,0,", "row 2: beta = '0'; allowed: above 0"),
        ("model,grid,1", "model,grid,2", "row 3: beta = '2' with distribution model; allowed: 1"),
        ("sampler,MALA,2", "model,MALA,1", "row 2: mark = 'unconverged' with distribution model; allowed: empty"),
        (
            "0.02,50,,ok,,unc",
            "0.02,50,0.1,ok,,unc",
            "row 2: log_z_stderr = '0.1' with distribution sampler; allowed: empty",
        ),
        ("2.50,", ",", "row 1: value = '' with status ok; allowed: number"),
        ("2.50,", "inf,", "row 1: value = 'inf'"),
        ("0.01,100", "-0.01,100", "row 1: stderr = '-0.01'; allowed: 0 or more"),
        ("0.01,100", "0.01,many", "row 1: n = 'many'; allowed: integer, empty"),
        ("0,test,nll", "0,holdout,nll", "row 1: split = 'holdout'; allowed: train, val, test, exact"),
        ("none/s0", "none/s7", "row 1: run = 'moons/ebm-ed-none/s7'; allowed: moons/ebm-ed-none/s0"),
    ],
)
def test_a_row_off_the_schema_is_named(folders, tmp_path, old, new, complaint):
    edit(folders[0] / "scores.csv", old, new)
    message = refused(folders, tmp_path / "out")
    assert message.startswith(f"{folders[0] / 'scores.csv'}: ")
    assert complaint in message


def test_missing_and_unknown_columns_are_named(folders, tmp_path):
    edit(folders[0] / "scores.csv", "stderr,n,", "error,n,")
    message = refused(folders, tmp_path / "out")
    assert f"{folders[0] / 'scores.csv'}: columns missing: stderr; unknown: error; needed: dataset, " in message
    edit(folders[0] / "scores.csv", "error,n,", "stderr,n,")
    edit(folders[0] / "curves.csv", "decoder_loss\n", "decoder_loss,loss\n")
    assert "curves.csv: columns unknown: loss" in refused(folders, tmp_path / "out")


def test_a_key_that_stands_twice_is_refused(folders, tmp_path):
    again = tmp_path / "again" / folders[0].name
    shutil.copytree(folders[0], again)
    assert f"moons/ebm-ed-none/s0 is already in {again / 'run.json'}" in refused([*folders, again], tmp_path / "out")
    with (folders[0] / "scores.csv").open("a") as handle:
        handle.write("moons,ebm,ed,none,0,test,mmd2,model,grid,1,9.9,0.01,100,,ok,,,moons/ebm-ed-none/s0\n")
    message = refused(folders, tmp_path / "out")
    place = folders[0] / "scores.csv"
    assert message.startswith(f"{place}: row 5: ")
    assert f"metric mmd2, distribution model is already in {place}: row 3; allowed: once" in message


def test_runs_and_scores_must_cover_each_other(folders, tmp_path):
    lines = (folders[0] / "scores.csv").read_text().splitlines(keepends=True)
    (folders[0] / "scores.csv").write_text("".join(lines[:4]))
    assert "scores.csv: no row of run moons/ebm-ed-none/s1" in refused(folders, tmp_path / "out")
    (folders[0] / "scores.csv").write_text("".join(lines))
    content = read_json(folders[0] / "run.json")
    del content["runs"]["1"]
    write_json(folders[0] / "run.json", content)
    assert "run.json: no row of run moons/ebm-ed-none/s1" in refused(folders, tmp_path / "out")


def test_a_status_off_the_schema_in_run_json_is_named(folders, tmp_path):
    edit(folders[0] / "run.json", '"status": "ok"', '"status": "fine"')
    assert "run.json: row 1: status = 'fine'; allowed: ok, diverged" in refused(folders, tmp_path / "out")


@pytest.mark.parametrize("name", ["scores.csv", "run.json", "sampling.json", "statistics.csv", "curves.csv"])
def test_a_missing_file_is_named(folders, tmp_path, name):
    (folders[0] / name).unlink()
    assert refused(folders, tmp_path / "out") == f"{folders[0] / name}: the file is missing"


def test_scores_have_no_column_of_the_machine(folders, tmp_path):
    out = gather(folders, tmp_path / "out")
    assert "provenance" not in (out / "scores.csv").read_text()
    assert "provenance.host.cores" in (out / "runs.csv").read_text()


def test_no_folder_is_refused(tmp_path):
    assert "no run folder" in refused([], tmp_path / "out")
