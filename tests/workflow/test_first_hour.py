"""Every command of docs/guide/first_hour.md, one after the other, in a fresh clone."""

import re

import pytest

from tests.helpers.guides import blocks, follow
from tests.helpers.paths import ROOT

PAGE = ROOT / "docs/guide/first_hour.md"


def test_the_page_has_nine_tasks_each_with_commands():
    tasks = re.split(r"^## \d\. ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    assert len(tasks) == 9
    assert all(map(blocks, tasks))


@pytest.mark.slow
def test_a_newcomer_can_follow_it(tmp_path):
    clone = tmp_path / "ebmbench"
    said = follow(PAGE, clone)
    for words in ("test NLL of seed 0", "the same in every digit", "changed since the workflow made it", "above 0"):
        assert words in said, words
    assert len(re.findall("^refused: ", said, flags=re.MULTILINE)) == 2
    for name in ("quick", "my", "patients"):
        assert (clone / "results" / name / "tables/README.md").is_file()
