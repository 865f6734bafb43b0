"""The handbook's table of conformance: all its rules are there, and the tests that it names exist."""

import ast
import re

import pytest

from plenary_testing import CHECKOUT

PAGE = CHECKOUT / "Sources/Plenary.docc/Conformance.md"
RULES = 65

ROWS = {
    int(number): held_by
    for number, held_by in re.findall(r"^\| (\d+) \|.*\| ([^|]*) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
}


@pytest.fixture(scope="module")
def python_tests():
    """The Python tests, as `module::test`."""
    return {
        f"{path.stem}::{node.name}"
        for path in CHECKOUT.glob("Tests/*/python/test_*.py")
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


@pytest.fixture(scope="module")
def swift_tests():
    """The Swift tests, as `Suite: sentence`."""
    return {
        f"{path.stem}: {sentence}"
        for path in CHECKOUT.glob("Tests/*/*Tests.swift")
        for sentence in re.findall(r"func `([^`]+)`", path.read_text("utf-8"))
    }


def test_every_rule_has_its_row_once():
    numbers = re.findall(r"^\| (\d+) \|", PAGE.read_text("utf-8"), re.MULTILINE)
    assert numbers == [str(number) for number in range(1, RULES + 1)]
    assert sorted(ROWS) == list(range(1, RULES + 1))


@pytest.mark.parametrize("rule", sorted(ROWS))
def test_a_rule_is_held_by_tests_that_exist(rule, python_tests, swift_tests):
    named = re.findall("`([^`]+)`", ROWS[rule])
    assert named or ROWS[rule].startswith("not yet: "), "it names no test, and does not say why"
    assert [test for test in named if test not in python_tests | swift_tests] == []
