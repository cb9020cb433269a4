"""Tables of finished searches: what they hold, and what a file must not be."""

import pytest

from ebmbench.core.cells import Cell
from ebmbench.core.errors import UserError
from ebmbench.planning.finished_searches import finished, settings_digest

HEAD = "dataset,family,loss,stats,trial,rung,settings_digest\n"
ED = Cell("moons", "ebm", "ed", "none")


def test_every_stage_has_the_digest_of_its_rows(tmp_path):
    table = tmp_path / "tuning.csv"
    table.write_text(HEAD + "moons,ebm,ed,none,0,1,aa\nmoons,ebm,ed,none,1,1,aa\nmoons,ebm,ed,none,1,4,bb\n")
    assert finished(table) == {(ED, 1): "aa", (ED, 4): "bb"}
    assert finished(None) == {}


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
        finished(table)
    assert str(error.value).startswith(f"config: search: {table}: ") and complaint in str(error.value)
    assert "\n" not in str(error.value)
