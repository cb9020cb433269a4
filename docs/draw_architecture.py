"""The rooms of the package and the imports between them: docs/architecture.csv and docs/architecture.png.

Run ``python docs/draw_architecture.py`` after a change of the package. A test compares the csv file with the source.
"""

from __future__ import annotations

import ast
import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "ebmbench"
SOURCE = ROOT / "src" / PACKAGE
TABLE, PICTURE = ROOT / "docs/architecture.csv", ROOT / "docs/architecture.png"

#: what each room holds, as written in its box
CONTENTS = {
    "workflow": "stages, command line, fork server",
    "experiments": "exact studies, calibration",
    "reporting": "tables, figures, claims, site",
    "provenance": "digests, manifest, audit",
    "planning": "configuration, cells, tuning",
    "training": "losses, loop, moment matching",
    "evaluation": "metrics, feature extractors",
    "inference": "samplers, log Z, tilting",
    "models": "families, networks, statistics",
    "data": "data sets and their files",
    "core": "plug-ins, seeds, csv, errors",
}

Arrows = Mapping[tuple[str, str], int]


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            # `from ebmbench import core` imports a room as well
            yield from ([f"{node.module}.{alias.name}" for alias in node.names] if node.module == PACKAGE else [])
            yield node.module


def arrows(source: Path = SOURCE) -> Counter[tuple[str, str]]:
    """Return the number of modules of one room that import another, by (importing room, imported room)."""
    found: Counter[tuple[str, str]] = Counter()
    rooms = {path.parent.name for path in source.glob("*/__init__.py")}
    for room in rooms:
        for path in sorted((source / room).rglob("*.py")):
            names = _imported(ast.parse(path.read_text(encoding="utf-8")))
            parts = (name.split(".") for name in names)
            targets = {part[1] for part in parts if part[0] == PACKAGE and len(part) > 1}
            found.update((room, target) for target in targets & rooms - {room})
    return found


def levels(found: Arrows) -> dict[str, int]:
    """Return each room's level: 0 if it imports no room, else one above the highest that it imports.

    Raises :class:`ValueError` with the rooms in question if imports run in a circle.
    """
    below = {room: {target for source, target in found if source == room} for pair in found for room in pair}
    placed: dict[str, int] = {}
    while len(placed) < len(below):
        ready = [room for room, targets in below.items() if room not in placed and targets <= set(placed)]
        if not ready:
            raise ValueError(f"imports run in a circle: {', '.join(sorted(set(below) - set(placed)))}")
        for room in ready:
            placed[room] = 1 + max((placed[target] for target in below[room]), default=-1)
    return placed


def table(found: Arrows) -> str:
    """Return the csv file of ``found``: a line per arrow, without the count, which changes with every import."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["importing", "imported"])
    writer.writerows(sorted(found))
    return text.getvalue()


def _reduced(found: Arrows) -> list[tuple[str, str]]:
    """Return the arrows that no longer chain of arrows implies."""

    def reaches(start: str, goal: str) -> bool:
        return start == goal or any(reaches(target, goal) for source, target in found if source == start)

    return [
        (source, target)
        for source, target in found
        if not any(reaches(other, target) for room, other in found if room == source and other != target)
    ]


def _places(level: Mapping[str, int], reduced: list[tuple[str, str]]) -> dict[str, tuple[int, int]]:
    """Return (column, level) of each room: the longest chain is column 0, all others are to its right."""
    chain = [max(level, key=lambda room: (level[room], room))]
    while level[chain[-1]]:
        following = [target for source, target in reduced if source == chain[-1] and level[source] - level[target] == 1]
        # of two rooms on one level the one that most arrows reach
        chain.append(max(following, key=lambda room: (sum(target == room for _, target in reduced), room)))
    others = [room for room in sorted(level) if room not in chain]
    return {room: (0, level[room]) for room in chain} | {
        room: (1 + sum(level[other] == level[room] for other in others[:i]), level[room])
        for i, room in enumerate(others)
    }


def draw(found: Arrows, path: Path) -> None:
    """Draw the rooms by level, the highest on top, with the arrows that no chain of others implies."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt
    from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

    reduced = _reduced(found)
    width, height, across, up = 3.2, 0.7, 3.9, 1.15
    places = {room: (column * across, of * up) for room, (column, of) in _places(levels(found), reduced).items()}
    right, top = (max(place[i] for place in places.values()) for i in (0, 1))
    figure, axes = plt.subplots(figsize=(0.85 * (right + width + 0.4), 0.85 * (top + 2 * height)))
    for source, target in reduced:
        (x0, y0), (x1, y1) = places[source], places[target]
        # an arrow to another column leaves by the side if rooms of its own column are in between
        beside = x0 != x1 and y0 - y1 > 1.5 * up
        start = (x0 + width / 2, y0) if beside else (x0 + (x1 - x0) / 6, y0 - height / 2)
        end = (x1 - (0 if beside else (x1 - x0) / 6), y1 + height / 2)
        style = "angle3,angleA=0,angleB=90" if beside else "arc3"
        arrow = {"arrowstyle": "-|>", "mutation_scale": 14, "connectionstyle": style, "color": "0.3", "lw": 1.3}
        axes.add_patch(FancyArrowPatch(start, end, shrinkA=0, shrinkB=0, **arrow))
    box = {"boxstyle": "round,pad=0,rounding_size=0.08", "fc": "#eef3f8", "ec": "#23527c", "lw": 1.2, "zorder": 2}
    for room, (x, y) in places.items():
        axes.add_patch(FancyBboxPatch((x - width / 2, y - height / 2), width, height, **box))
        axes.text(x, y + 0.13, room, ha="center", va="center", fontsize=12, weight="bold", zorder=3)
        axes.text(x, y - 0.17, CONTENTS.get(room, ""), ha="center", va="center", fontsize=8.5, zorder=3)
    axes.set_xlim(-width / 2 - 0.2, right + width / 2 + 0.2)
    axes.set_ylim(-height, top + height)
    axes.set_aspect("equal")
    axes.axis("off")
    figure.savefig(path, dpi=170, bbox_inches="tight", metadata={"Software": None})
    plt.close(figure)


def main() -> None:
    """Write the table and the picture."""
    found = arrows()
    TABLE.write_text(table(found), encoding="utf-8")
    draw(found, PICTURE)


if __name__ == "__main__":
    main()
