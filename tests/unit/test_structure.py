"""The program stays in pieces that can be read: short files, short functions, every module with its purpose."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "edge").rglob("*.py"))
MOST_LINES = 300
MOST_LINES_OF_A_FUNCTION = 40


def lines_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


@pytest.mark.parametrize("name", FILES)
def test_file_is_short_and_says_what_it_is_for(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert len(text.splitlines()) <= MOST_LINES
    assert ast.get_docstring(tree), "begin it with one sentence that says what it is for"
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert [each.name for each in functions if lines_of(each) > MOST_LINES_OF_A_FUNCTION] == []


@pytest.mark.parametrize("name", FILES)
def test_only_the_supervisor_catches_everything(name: str) -> None:
    tree = ast.parse((ROOT / name).read_text(encoding="utf-8"))
    handlers = [node for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler)]
    blind = [each.lineno for each in handlers if each.type is None or ast.unparse(each.type) == "Exception"]
    assert blind == [] or name.startswith("edge/supervisor/")
