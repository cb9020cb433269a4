"""MkDocs hook: files of the repository outside docs/ that pages link to become part of the site, below ``repository/``.

Pages link to sources, configurations and committed results by relative paths, which work on a git host. A site holds
only its own files: this hook adds each linked file to it and rewrites the links. A folder stands for its README.md; a
folder without one is shown as text. A link to a file that does not exist is left as it is, which strict builds refuse.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.structure.files import File

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parent.parent.parent
DOCS = ROOT / "docs"

#: prefix of an added file's path in the site
PREFIX = "repository"

#: a Markdown link or image: text with its brackets, path, anchor
LINK = re.compile(r"(!?\[(?:[^\[\]]|\[[^\]]*\])*\])\(([^()\s#:]+)(#[^()\s]*)?\)")


def _target(source: Path, link: str) -> Path | None:
    """Return the file that ``link`` in ``source`` names; None for a path outside the repository or without a file."""
    path = Path(posixpath.normpath((source.parent / link).as_posix()))
    path = path / "README.md" if path.is_dir() else path
    return path if path.is_file() and path.is_relative_to(ROOT) else None


def _linked(source: Path) -> Iterator[Path]:
    for _, link, _ in LINK.findall(source.read_text(encoding="utf-8")):
        target = _target(source, link)
        if target is not None and not target.is_relative_to(DOCS):
            yield target


def _uri(path: Path) -> str:
    """Return the path of a file of the repository in the site."""
    if path.is_relative_to(DOCS):
        return path.relative_to(DOCS).as_posix()
    return f"{PREFIX}/{path.relative_to(ROOT).as_posix()}"


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add every file outside docs/ to which a page links, and those to which an added page links."""
    waiting = [Path(file.abs_src_path) for file in files.documentation_pages() if file.abs_src_path]
    while waiting:
        for target in _linked(waiting.pop()):
            if files.get_file_from_path(_uri(target)) is None:
                files.append(File.generated(config, _uri(target), abs_src_path=str(target)))
                waiting += [target] if target.suffix == ".md" else []
    return files


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Rewrite the links from and to files outside docs/."""
    source = Path(page.file.abs_src_path or "")

    def rewritten(link: re.Match[str]) -> str:
        text, path, anchor = link[1], link[2], link[3] or ""
        target = _target(source, path)
        if target is None:
            # committed pages name files that are not committed, and some folders have no page
            gone = (source.parent / path).is_dir() or not source.is_relative_to(DOCS)
            return text.strip("[]") if gone and not text.startswith("!") else link[0]
        if target.is_relative_to(DOCS) and source.is_relative_to(DOCS):
            return link[0]
        return f"{text}({posixpath.relpath(_uri(target), posixpath.dirname(_uri(source)))}{anchor})"

    return LINK.sub(rewritten, markdown)
