"""What an annotation admits, read from source text or evaluated by Python, and how a value that it refuses is named."""

import dataclasses
import importlib
import math
from typing import Annotated, Literal, get_type_hints

import pytest
from annotated_types import Ge, Gt, Interval, Le, Lt, MinLen, MultipleOf, Predicate

from ebmbench.core import plugins
from ebmbench.core.errors import UserError
from ebmbench.core.field_types import field_types, name_of_types, range_of, refusal
from ebmbench.core.ranges import PositiveFloat, PositiveInt, check_ranges
from ebmbench.planning import settings_schema
from tests.helpers.paths import ROOT

EVERY = [(axis, name) for axis in plugins.PACKAGES for name in plugins.available(axis)]


@pytest.mark.parametrize(
    ("hint", "name", "words"),
    [
        (int, "int", ""),
        (Annotated[int, Ge(0)], "int", "0 or more"),
        (Annotated[float, Gt(0), Le(1)], "float", "above 0 and at most 1"),
        (Annotated[float, Gt(-1), Lt(0.5)], "float", "above -1 and below 0.5"),
        (Annotated[int, Ge(30), MultipleOf(30)], "int", "30 or more and a multiple of 30"),
        (Annotated[PositiveInt, "pixels", Le(9)], "int", "1 or more and at most 9"),
        (PositiveFloat | None, "float | None", "above 0, or None"),
        (float | None, "float | None", ""),
        (Literal[0] | Annotated[int, Ge(2)], "int", "0, or 2 or more"),
        (Literal["ula", "mala"], "str", "'ula', or 'mala'"),
        (tuple[PositiveFloat, ...], "tuple[float, ...]", "each above 0"),
        (Annotated[tuple[str, ...], MinLen(1)], "tuple[str, ...]", "1 or more values"),
        (str | tuple[str, ...], "str | tuple[str, ...]", ""),
    ],
)
def test_a_type_and_its_range_in_words(hint, name, words):
    types = field_types(hint)
    assert (name_of_types(types), range_of(types)) == (name, words)


@pytest.mark.parametrize(
    ("hint", "admitted", "refused"),
    [
        (int, [-1, 0, 10**30], [1.0, True, "1", None, math.nan]),
        (float, [-1, 0.5], [True, "1", math.nan, math.inf, -math.inf]),
        (PositiveInt, [1], [0, -1, 1.0]),
        (Annotated[float, Ge(0), Lt(1)], [0, 0.0, 0.999], [1, 1.0, -1e-9, math.nan]),
        (Annotated[int, Ge(30), MultipleOf(30)], [30, 360], [0, 29, 31, -30]),
        (PositiveFloat | None, [None, 1e-300], [0.0, math.inf, "none"]),
        (Literal[0] | Annotated[int, Ge(2)], [0, 2], [1, -1, False, 0.0]),
        (Annotated[tuple[PositiveFloat, ...], MinLen(1)], [[1], (0.5, 2.0)], [[], (1.0, 0.0), [math.inf], 1.0, ["1"]]),
        (bool, [True, False], [0, 1, None]),
    ],
)
def test_values_in_and_out_of_range(hint, admitted, refused):
    types = field_types(hint)
    assert [value for value in admitted if refusal(types, value)] == []
    assert [value for value in refused if not refusal(types, value)] == []


@pytest.mark.parametrize(
    ("hint", "value", "wrong"),
    [
        (PositiveFloat, -1, "; allowed: above 0"),
        (PositiveFloat, math.inf, "; allowed: finite and above 0"),
        (float, math.nan, "; allowed: finite"),
        (PositiveInt, 1.5, " is not of type int"),
        (PositiveInt | None, "x", " is not of type int | None"),
        (tuple[PositiveFloat, ...], (1.0, -1.0), "; allowed: each above 0"),
    ],
)
def test_what_is_wrong_is_named(hint, value, wrong):
    assert refusal(field_types(hint), value) == wrong


@pytest.mark.parametrize(
    "hint",
    [
        list[int],
        dict,
        complex,
        tuple[int, int],
        Annotated[float, Interval(gt=0)],
        Annotated[int, Predicate(bool)],
        Annotated[int | None, Ge(1)],
        Annotated[Literal[1], Ge(1)],
    ],
)
def test_a_type_that_settings_cannot_have_is_refused(hint):
    with pytest.raises((TypeError, ValueError)):
        field_types(hint)


@pytest.mark.parametrize(("axis", "name"), EVERY)
def test_annotations_read_from_the_source_are_those_that_python_evaluates(axis, name):
    module = importlib.import_module(plugins.module_name(axis, name))
    hints = get_type_hints(getattr(module, module.__all__[0]), include_extras=True)
    for key, field in plugins.fields(axis, name).items():
        assert repr(field.types) == repr(field_types(hints[key]))


def test_names_are_looked_up_in_the_module_and_where_it_imports_them_from(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(
        "from dataclasses import dataclass\nfrom typing import Annotated, ClassVar\n"
        "from annotated_types import Ge, Gt, Lt\n"
        "from ebmbench.core.ranges import Fraction as Part\nfrom ebmbench.data.images import Subset\n"
        "LEAST: int = 3\nShare = Annotated[float, Gt(-1), Lt(2 * LEAST)]\n"
        "@dataclass(frozen=True)\nclass Mine:\n"
        "    a: Annotated[int, Ge(LEAST)] = 3\n    b: Share = 0.5\n    c: Part | None = None\n"
        "    d: Subset = 10\n    e: ClassVar[int] = 0\n"
    )
    found = plugins.dataclass_fields(path, "Mine")
    assert {name: field.range for name, field in found.items()} == {
        "a": "3 or more",
        "b": "above -1 and below 6",
        "c": "0 or more and at most 1, or None",
        "d": "10 or more",
    }


@pytest.mark.parametrize(
    "annotation",
    ["Annotated[int, Ge(least())]", "Annotated[int, Ge(math.pi)]", "Optional[int]", "list[int]", "int + 1", "int | Ge"],
)
def test_an_annotation_that_only_python_can_evaluate_is_one_line(annotation, tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(
        "import math\nfrom dataclasses import dataclass\n@dataclass(frozen=True)\n"
        f"class Mine:\n    a: {annotation} = 1\ndef least():\n    return 1\n"
    )
    with pytest.raises(UserError) as caught:
        plugins.dataclass_fields(path, "Mine")
    text = str(caught.value)
    assert text.startswith(f"{path}:5: {annotation}: ") and "\n" not in text
    assert "allowed: bool, int, float, str, None, tuples of these, and ebmbench.core.ranges" in text


@dataclasses.dataclass(frozen=True)
class Step:
    size: PositiveFloat = 0.1

    def __post_init__(self):
        check_ranges(self)


@dataclasses.dataclass(frozen=True)
class Walk(Step):
    steps: PositiveInt = 1
    size: Annotated[float, Lt(1)] = -1.0


def test_an_objects_own_and_inherited_fields_are_checked_when_it_is_made():
    assert Step(2).size == 2 and Walk().size == -1.0
    for wrong, line in (
        (lambda: Step(0.0), "size = 0.0; allowed: above 0"),
        (lambda: Step(math.nan), "size = nan; allowed: finite and above 0"),
        (lambda: Step("1"), "size = '1' is not of type float"),
        (lambda: dataclasses.replace(Walk(), steps=0), "steps = 0; allowed: 1 or more"),
        (lambda: Walk(size=1.0), "size = 1.0; allowed: below 1"),
    ):
        with pytest.raises(ValueError) as caught:
            wrong()
        assert str(caught.value) == line


def test_only_a_dataclass_has_ranges():
    with pytest.raises(TypeError, match="object is no dataclass"):
        check_ranges(object())


def test_ranges_are_read_without_importing_torch():
    import subprocess
    import sys

    code = (
        "import sys; from ebmbench.core import plugins; from ebmbench.planning import settings_schema as s;"
        "[plugins.fields(axis, name) for axis in plugins.PACKAGES for name in plugins.available(axis)];"
        "print(s.of_stage('train')['ema'].range, 'torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": str(ROOT / "src")}
    )
    assert done.stdout.strip() == "0 or more and below 1 False"
    assert not settings_schema.of_stage("train")["ema"].refusal(0.5)
