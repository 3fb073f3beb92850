"""What the documents name is there: linked files and headings, commands, make targets, files, glossary words."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from edge import settings
from edge.cli.main import COMMANDS
from edge.config.loader import load, loads
from edge.config.shape import is_section, keys_of
from edge.model.event import EVENT_NAMES, EventType
from edge.rules.table import RULES

ROOT = Path(__file__).parents[2]
NOT_OURS = {".venv", ".git", "node_modules", "build", ".hypothesis", ".pytest_cache"}
PAGES = sorted(
    path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.md") if not NOT_OURS & set(path.relative_to(ROOT).parts)
)
MENTIONS = [*PAGES, "Makefile", "config/edge.yaml", "config/demo.yaml", "systemd/edge.service"]
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
CODE = re.compile(r"`([^`\n]+)`")


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives the headings of a page."""
    titles = HEADING.findall(FENCE.sub("", page.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def code_of(page: str) -> list[str]:
    """What stands as code: fenced blocks line by line, and spans."""
    text = text_of(page)
    if not page.endswith(".md"):
        return CODE.findall(text)
    blocks = [line.strip() for block in FENCE.findall(text) for line in block.splitlines()[1:-1]]
    return blocks + CODE.findall(FENCE.sub("", text))


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_files_and_headings(page: str) -> None:
    for target in LINK.findall(FENCE.sub("", text_of(page))):
        name, _, anchor = target.partition("#")
        if ":" in name:
            continue
        place = (ROOT / page).parent / name if name else ROOT / page
        assert place.exists(), target
        assert not anchor or anchor in anchors(place), target


@pytest.mark.parametrize("page", MENTIONS)
def test_commands_named_are_there(page: str) -> None:
    for code in code_of(page):
        for word in re.findall(r"(?:^|[\s/])edge (?:\S*\| )*([a-z][a-z-]+)", code):
            assert word in COMMANDS, code


@pytest.mark.parametrize("page", PAGES)
def test_options_named_are_there(page: str) -> None:
    for code in code_of(page):
        found = re.match(r"(?:\$ |/opt/edge/bin/|\.venv/bin/)?edge ([a-z-]+)( .*)?$", code.split("#")[0].strip())
        if found is None or found[1] not in COMMANDS:
            continue
        path = ROOT / (COMMANDS[found[1]][0].replace(".", "/") + ".py")
        parts = [
            *path.parent.glob(f"{path.stem}*.py"),
            *(path.with_name(f"{each}.py") for each in ("settings_file", "ask")),
        ]
        source = "".join(part.read_text(encoding="utf-8") for part in parts)
        for option in re.findall(r"--[a-z-]+", found[2] or ""):
            assert f'"{option}"' in source, code


@pytest.mark.parametrize("page", PAGES)
def test_make_targets_named_are_there(page: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", text_of("Makefile"), re.MULTILINE))
    for code in code_of(page):
        for target in re.findall(r"(?:^|[;&] *)make ([a-z-]+)", code):
            assert target in targets, code


@pytest.mark.parametrize("page", PAGES)
def test_paths_named_are_there(page: str) -> None:
    folders = r"(?:edge|tests|docs|config|systemd|image-build)"
    for code in code_of(page):
        if re.fullmatch(rf"{folders}/[\w./-]*", code):
            assert (ROOT / code).exists(), code


@pytest.mark.parametrize("page", PAGES)
def test_modules_run_with_python_are_there(page: str) -> None:
    for code in code_of(page):
        for module in re.findall(r"python3? -m ((?:edge|tests)[\w.]*)", code):
            path = ROOT / module.replace(".", "/")
            assert path.with_suffix(".py").exists() or (path / "__main__.py").exists(), code


def test_makefile_lists_every_target_in_its_help() -> None:
    make = shutil.which("make") or pytest.skip("make is not installed")
    told = subprocess.run(
        [make, "-C", str(ROOT), "help"], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    phony = re.search(r"^\.PHONY: (.+)$", text_of("Makefile"), re.MULTILINE)
    assert phony is not None
    assert [target for target in phony[1].split() if f"make {target}" not in told] == []


def test_readme_begins_with_what_it_is_a_picture_and_the_two_commands() -> None:
    first_screen = "\n".join(text_of("README.md").splitlines()[:20])
    for part in ("# edge", "](docs/images/demo.jpg)", "make demo", "make test"):
        assert part in first_screen


def test_glossary_is_in_order_and_says_everything_once() -> None:
    words = re.findall(r"^\| \*\*(.+?)\*\*", text_of("docs/GLOSSARY.md"), re.MULTILINE)
    assert words == sorted(set(words), key=str.lower)


@pytest.mark.parametrize("kind", EventType)
def test_glossary_has_every_kind_of_event(kind: EventType) -> None:
    assert f"| {kind} | {EVENT_NAMES[kind]} | " in text_of("docs/GLOSSARY.md")


@pytest.mark.parametrize("section", [each for each in vars(settings).values() if is_section(each)])
def test_manual_has_every_setting(section: type) -> None:
    manual = text_of("docs/CONFIG.md")
    assert [name for name in keys_of(section) if f"\n| `{name}` | " not in manual] == []


def test_readme_does_not_promise_rules_that_are_missing() -> None:
    assert [module.__module__.rpartition(".")[2] for module in RULES] == [
        "appear",
        "refused",
        "join_leave",
        "motion",
        "tripwire",
        "loitering",
        "crowd",
        "abandoned",
        "sabotage",
        "disconnect",
    ], "the README and the glossary say which rules this version has: tell them of the new one"


@pytest.mark.parametrize("page", PAGES)
def test_settings_shown_are_right(page: str) -> None:
    for text in re.findall(r"^```yaml\n(channels:.*?)^```$", text_of(page), re.MULTILINE | re.DOTALL):
        assert loads(text, page).channels


@pytest.mark.parametrize("name", ["config/edge.yaml", "config/demo.yaml"])
def test_settings_to_begin_with_are_right(name: str) -> None:
    assert load(ROOT / name).channels
