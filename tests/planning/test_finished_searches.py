"""Tables of finished searches: what they hold, and what a file must not be."""

import pytest

from ebmbench.core.cells import Cell
from ebmbench.core.errors import UserError
from ebmbench.planning.finished_searches import finished, settings_digest

HEAD = "dataset,family,loss,stats,trial,rung,settings_digest\n"
ED = Cell("moons", "ebm", "ed", "none")


def test_every_stage_has_the_digest_of_its_rows(tmp_path):
    table = _table(tmp_path / "tuning.csv", "0,1,aa", "1,1,aa", "1,4,bb")
    assert finished(table) == {(ED, 1): {"aa": table}, (ED, 4): {"bb": table}}
    assert finished(None) == finished([]) == {}


def test_of_several_files_the_first_with_the_same_settings_counts(tmp_path):
    small, both = _table(tmp_path / "small.csv", "0,1,aa"), _table(tmp_path / "both.csv", "0,1,cc", "0,1,aa", "0,4,bb")
    assert finished([small, both]) == {(ED, 1): {"aa": small, "cc": both}, (ED, 4): {"bb": both}}


def _table(path, *rows):
    path.write_text(HEAD + "".join(f"moons,ebm,ed,none,{row}\n" for row in rows))
    return str(path)


def test_a_digest_is_that_of_the_settings_in_any_order():
    settings = {"train": {"steps": 5, "ema": 0.9}, "tuning": {"rung": 1, "seeds": (2,)}}
    turned = {"tuning": {"seeds": [2], "rung": 1}, "train": {"ema": 0.9, "steps": 5}}
    assert settings_digest(settings) == settings_digest(turned)
    assert settings_digest(settings) != settings_digest({**settings, "train": {"steps": 6, "ema": 0.9}})


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "No such file or directory"),
        (b"dataset,family\n1,2\n", "columns missing: loss, stats, rung, settings_digest"),
        (b"", "columns missing: dataset"),
        (HEAD.encode() + b"moons,ebm,ed,none,0,one,aa\n", "invalid literal for int"),
        (b"\xff\xfe\x00", "can't decode"),
    ],
)
def test_another_file_is_refused_in_a_line(tmp_path, content, complaint):
    table = tmp_path / "tuning.csv"
    if content is not None:
        table.write_bytes(content)
    with pytest.raises(UserError) as error:
        finished(str(table))
    assert str(error.value).startswith(f"config: search: {table}: ") and complaint in str(error.value)
    assert "\n" not in str(error.value)
