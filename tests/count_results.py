"""Adds up test reports (gtest's and pytest's XML): prints `PASSED FAILED SKIPPED`.

usage: count_results.py REPORT...    A report that is missing or broken counts as one failure.
"""

import sys
import xml.etree.ElementTree as ElementTree


def outcome(case):
    """Says what became of one <testcase>."""
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    if case.find("skipped") is not None or case.get("status") == "notrun":
        return "skipped"
    return "passed"


def count(path, totals):
    try:
        cases = list(ElementTree.parse(path).iter("testcase"))
    except (OSError, ElementTree.ParseError):
        totals["failed"] += 1
        return
    for case in cases:
        totals[outcome(case)] += 1


def main():
    totals = {"passed": 0, "failed": 0, "skipped": 0}
    for path in sys.argv[1:]:
        count(path, totals)
    print(totals["passed"], totals["failed"], totals["skipped"])


main()
