"""The static page of the committed results, and a browser that shows it."""

import pytest

from ebmbench.workflow.stages.site import write_site
from tests.helpers.browser import chromium
from tests.helpers.paths import ROOT


@pytest.fixture(scope="session")
def index(tmp_path_factory):
    path = tmp_path_factory.mktemp("site") / "index.html"
    write_site(ROOT / "results", path)
    return path


@pytest.fixture(scope="session")
def window(tmp_path_factory):
    with chromium(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture
def opened(window, index):
    """The page as it opens."""
    window.open(index)
    window.wait("return document.querySelectorAll('#overview tbody tr').length > 0")
    return window
