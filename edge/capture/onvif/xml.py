"""XML from a camera, read as from a stranger: no DOCTYPE, no entities, bounded; elements found by their plain names.

Cameras mix up namespaces and prefixes. The plain names are distinct wherever this program looks.
"""

from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

_DEEPEST = 40


def parse(text: bytes) -> Element | None:
    """Return the root of a document, None where it is no XML, has a DOCTYPE, or is nested absurdly deep."""
    try:
        root = fromstring(text.strip(), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return None
    return root if _depth_is_sane(root) else None


def named(root: Element, name: str) -> Iterator[Element]:
    """Give every element of that plain name inside `root`, itself included, in order."""
    return (element for element in root.iter() if plain(element) == name)


def first(root: Element | None, *path: str) -> Element | None:
    """Return the element that is reached by the first descendant of each name in turn."""
    for name in path:
        if root is None:
            return None
        root = next(named(root, name), None)
    return root


def text_of(root: Element | None, *path: str) -> str:
    """Return the text of the element at the path, stripped; empty where there is none."""
    found = first(root, *path)
    return (found.text or "").strip() if found is not None else ""


def number_of(root: Element | None, *path: str) -> float:
    """Return the number at the path; 0 where there is none, or one out of all bounds."""
    try:
        number = float(text_of(root, *path) or 0)
    except ValueError:
        return 0.0
    return number if 0 <= number < 1e9 else 0.0  # noqa: PLR2004 - also what is not a number


def plain(element: Element) -> str:
    """Return an element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def _depth_is_sane(root: Element) -> bool:
    level = [root]
    for _ in range(_DEEPEST):
        level = [child for element in level for child in element]
        if not level:
            return True
    return False
