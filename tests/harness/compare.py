"""The oracle: sink equals table, row for row."""


def differences(table, sink):
    """The keys that are missing, stale or extra in the sink."""
    return {
        "missing": sorted(key for key in table if key not in sink),
        "stale": sorted(key for key in table if key in sink and sink[key] != table[key]),
        "extra": sorted(key for key in sink if key not in table),
    }


def assert_equal(table, sink):
    """Fails naming the first keys of each kind of difference."""
    found = differences(table, sink)
    counts = {kind: len(keys) for kind, keys in found.items()}
    examples = {kind: keys[:3] for kind, keys in found.items() if keys}
    details = [(key, table[key], sink[key]) for key in found["stale"][:2]]
    assert not any(counts.values()), f"{counts}, for example {examples} {details}"
