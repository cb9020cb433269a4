"""Digests change with the code that a result hangs on, and with no other."""

from ebmbench.provenance.code_digest import installed


def losses():
    sources = installed()
    return {
        name: sources.closure(["ebmbench.workflow.stages.train", f"ebmbench.training.losses.{name}"])
        for name in ("ed", "ml")
    }


def test_a_plugin_is_in_its_own_closure_only():
    closures = losses()
    assert "ebmbench.training.losses.ed" in closures["ed"]
    assert "ebmbench.training.losses.ed" not in closures["ml"]


def test_imports_of_imports_count():
    assert "ebmbench.models.interface" in installed().closure(["ebmbench.training.losses.ed"])
    assert "ebmbench.inference.samplers.interface" in installed().closure(["ebmbench.training.losses.cd"])
    assert "ebmbench.inference.samplers.interface" not in installed().closure(["ebmbench.training.losses.dsm"])


def test_editing_a_source_changes_the_digest(tmp_path):
    package = tmp_path / "ebmbench"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "one.py").write_text("from ebmbench import two\n")
    (package / "two.py").write_text("x = 1\n")
    (package / "three.py").write_text("x = 1\n")
    before = installed(tmp_path).digest(["ebmbench.one"])
    (package / "three.py").write_text("x = 2\n")
    assert installed(tmp_path).digest(["ebmbench.one"]) == before
    (package / "two.py").write_text("x = 2\n")
    assert installed(tmp_path).digest(["ebmbench.one"]) != before


NESTED = """
def f():
    try:
        if x: pass
        else:
            with y:
                import ebmbench.a
    except E:
        class C:
            from ebmbench import b
    finally:
        match z:
            case 1:
                for _ in x: from ebmbench.c import d
"""


def test_imports_inside_of_other_statements_count(tmp_path):
    package = tmp_path / "ebmbench"
    package.mkdir()
    for name in ("__init__", "a", "b", "c", "unused"):
        (package / f"{name}.py").write_text("")
    (package / "nested.py").write_text(NESTED)
    found = installed(tmp_path).closure(["ebmbench.nested"])
    assert found == {"ebmbench", *(f"ebmbench.{name}" for name in ("a", "b", "c", "nested"))}
