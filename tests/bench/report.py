"""The tables of the benches, in Markdown."""

import statistics

import measuring

PAIR_HEAD = ("| path | beside | ours | theirs | ratio (least to most) | target | met | "
             "processor s a million rows: ours + server / theirs + server | our peak MiB | "
             "bytes |\n"
             "|---|---|---|---|---|---|---|---|---|---|")
PEER_HEAD = ("| side | rows/s | times slower than the first | client processor s a million rows | "
             "server s a million rows | peak MiB |\n|---|---|---|---|---|---|")


def rate_text(contender):
    return f"{contender.median('rows_per_second'):,.0f} rows/s"


def time_text(contender):
    return f"{contender.median('wall') * 1000:.0f} ms"


def processor_text(contender):
    return f"{contender.per_million('processor'):.2f} + {contender.per_million('server'):.2f}"


class Report:
    """Collects rows; `text` is the whole."""

    def __init__(self):
        self.pairs = []
        self.singles = []
        self.tables = []
        self.notes = []

    def pair(self, path, ours, theirs, target, unit):
        """`rate`: the more the better, at least the target; `time`: at most the target."""
        is_rate = unit == "rate"
        found = measuring.ratios(ours, theirs, "rows_per_second" if is_rate else "wall")
        middle = statistics.median(found)
        text = rate_text if is_rate else time_text
        wanted = "" if target is None else f"{'>=' if is_rate else '<='} {target}x"
        met = "" if target is None else (
            "yes" if (middle >= target if is_rate else middle <= target) else "no")
        self.pairs.append(
            f"| {path} | {theirs.name} | {text(ours)} | {text(theirs)} | {middle:.2f}x "
            f"({min(found):.2f} to {max(found):.2f}) | {wanted} | {met} | "
            f"{processor_text(ours)} / {processor_text(theirs)} | {ours.most('peak_mib'):.0f} | "
            f"{ours.median('bytes'):,.0f} |")
        for side in (ours, theirs):
            if side.noisy:
                self.notes.append(f"{path}: {side.noisy} of {len(side.runs)} runs of {side.name} "
                                  "had others beside them, whatever was tried.")

    def single(self, path, found, target, met, peak_mib):
        self.singles.append(f"| {path} | {found} | {target} | {'yes' if met else 'no'} | "
                            f"{peak_mib:.0f} |")

    def peers(self, path, contenders):
        first = contenders[0].median("rows_per_second")
        lines = [f"| {side.name} | {side.median('rows_per_second'):,.0f} | "
                 f"{first / side.median('rows_per_second'):.2f} | "
                 f"{side.per_million('processor'):.1f} | {side.per_million('server'):.1f} | "
                 f"{side.most('peak_mib'):.0f} |" for side in contenders]
        self.tables.append(f"{path}:\n\n{PEER_HEAD}\n" + "\n".join(lines))

    def skipped(self, path, name, reason):
        self.notes.append(f"{path}: {name} was left out: {reason}")

    def failed(self, name, reason):
        self.notes.append(f"{name}: no figure: {reason}")

    def text(self, head):
        parts = ["\n".join(f"- {line}" for line in head)]
        if self.pairs:
            parts.append(PAIR_HEAD + "\n" + "\n".join(self.pairs))
        if self.singles:
            parts.append("| path | found | target | met | our peak MiB |\n|---|---|---|---|---|\n"
                         + "\n".join(self.singles))
        parts += self.tables
        if self.notes:
            parts.append("\n".join(f"- {note}" for note in self.notes))
        return "\n\n".join(parts) + "\n"
