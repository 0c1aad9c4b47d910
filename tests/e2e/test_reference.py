"""docs/ and the program say the same: keys, calls, metrics, exit statuses, commands, messages."""

import functools
import re
import subprocess
import sys

import pytest
import requests

from harness.environment import TREE, command

PLACE = "…"
CALL = re.compile(r"^\| `(GET|PUT|POST|DELETE) (/[^` ]*)` \| (\w+) \| (.*) \|$", re.M)
FAMILY = re.compile(r"^\| `(rowferry_\w+)` \| (\w+) \| ([^|]*)\| .* \|$", re.M)
LITERAL = re.compile(r'(?:"(?:[^"\\\n]|\\.)*"\s*)+|R"\((?:.|\n)*?\)"')


@functools.cache
def text_of(name):
    return (TREE / name).read_text(encoding="utf-8")


def section(title, name="docs/reference.md"):
    """What stands below a heading of the second level."""
    return text_of(name).split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


@pytest.fixture
def daemon(make_daemon):
    """A daemon with one job that never connects, and both tokens."""
    made = make_daemon("  shop: {type: postgres, dsn: host=127.0.0.1 port=1}\n"
                       "  disk: {type: file, path: out}\n",
                       "  one: {source: {connection: shop, table: t}, sink: {connection: disk}}\n",
                       extra="  operate_token_file: operate\n  read_token_file: read\n")
    for name in ("operate", "read"):
        (made.folder / name).write_text(f"token-to-{name}\n", encoding="utf-8")
    made.start()
    return made


def ask(daemon, method, path, token=None):
    headers = {"Authorization": f"Bearer token-to-{token}"} if token else {}
    with requests.request(method, daemon.url(path), headers=headers, timeout=10,
                          stream=True) as answer:
        return answer.status_code, answer.headers, \
            "" if "event-stream" in answer.headers.get("Content-Type", "") else answer.text


def test_the_keys_are_those_of_the_example():
    done = subprocess.run([sys.executable, str(TREE / "deploy/reference.py"), "--check"],
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_call_is_described_and_no_other(daemon):
    document = requests.get(daemon.url("/v1/openapi.json"), timeout=10,
                            headers={"Authorization": "Bearer token-to-read"}).json()
    served = {(method.upper(), path) for path, item in document["paths"].items()
              for method in item if method in ("get", "put", "post", "delete")}
    described = [(method, path) for method, path, _, _ in CALL.findall(section("HTTP API"))]
    assert sorted(described) == sorted(served)
    operations = document["paths"]
    for method, path, _, answer in CALL.findall(section("HTTP API")):
        responses = operations[path][method.lower()]["responses"]
        assert ("501" in responses) == bool(re.search(r"\b501\b", answer)), (method, path)


def test_the_scopes_are_right(daemon):
    for method, path, scope, _ in CALL.findall(section("HTTP API")):
        path = path.replace("{job}", "none").replace("{id}", "1")
        without = ask(daemon, method, path)[0]
        looking = ask(daemon, method, path, "read")[0]
        assert (without == 401) == (scope != "open"), (method, path, without)
        assert (looking == 403) == (scope == "operate"), (method, path, looking)


@pytest.mark.parametrize("title, schema", [("Job", "Job"), ("Run", "Run"),
                                           ("Dead letter", "DeadLetter")])
def test_every_field_is_described_and_no_other(daemon, title, schema):
    document = requests.get(daemon.url("/v1/openapi.json"), timeout=10,
                            headers={"Authorization": "Bearer token-to-read"}).json()
    paragraph = section("HTTP API").split(f"**{title}**:", 1)[1].split("\n\n", 1)[0]
    fields = re.findall(r"`(\w+)`", re.sub(r"\([^)]*\)", "", paragraph))
    assert fields == list(document["components"]["schemas"][schema]["properties"])


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 413, 415, 501, 503])
def test_the_statuses_of_problems_are_described(status):
    assert re.search(rf"\b{status}\b", section("HTTP API").split("Errors are")[1])


def test_every_metric_is_described_and_no_other(daemon):
    _, _, text = ask(daemon, "GET", "/metrics", "read")
    kinds = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.M))
    described = {name: (kind, set(re.findall(r"`(\w+)`", labels)))
                 for name, kind, labels in FAMILY.findall(section("Metrics"))}
    assert {name: kind for name, (kind, _) in described.items()} == kinds
    for name, (_, labels) in described.items():
        samples = re.findall(rf"^{name}(?:_bucket|_sum|_count)?(?:\{{(.*)\}})? \S+$", text, re.M)
        for sample in samples:
            assert set(re.findall(r'(\w+)="', sample)) - {"le"} == labels, (name, sample)


def test_every_exit_status_is_described():
    described = re.findall(r"^\| (\d) \|", section("Exit statuses"), re.M)
    source = text_of("daemon/exit_status.hpp")
    assert described == sorted(re.findall(r"^  \w+ = (\d)", source, re.M)) and len(described) == 5


def test_every_command_is_described_and_no_other():
    table = section("Commands")
    described = re.findall(r"^\| `rowferry ([a-z-]+(?: (?:list|replay|drop))?)", table, re.M)
    helped = command("help").stdout.split("Subcommands:")[1].split("\n\n")[0]
    names = re.findall(r"^  ([a-z-]+) ", helped, re.M)
    below = command("help", "dead-letters").stdout.split("Subcommands:")[1].split("\n\n")[0]
    wanted = [name for name in names if name != "dead-letters"]
    wanted += [f"dead-letters {name}" for name in re.findall(r"^  ([a-z]+) ", below, re.M)]
    assert sorted(described) == sorted(wanted)
    for name, options in re.findall(r"^\| `rowferry ([a-z-]+[^`\[]*)([^`]*)` \|", table, re.M):
        words = re.match(r"[a-z-]+(?: (?:list|replay|drop))?", name).group().split()
        for option in re.findall(r"--[a-z-]+", name + options):
            assert option in command("help", *words).stdout, (name, option)


def plain(literal):
    """A message as people see it: the parts joined, escapes undone, braces as they are and, one a
    line, with placeholders as `…`: not every text is a format."""
    parts = re.findall(r'R"\(((?:.|\n)*?)\)"|"((?:[^"\\\n]|\\.)*)"', literal)
    text = "".join(raw or part.replace('\\"', '"').replace("\\n", "\n") for raw, part in parts)
    formatted = re.sub(r"(?<!\{)\{[^{}]*\}(?!\})", PLACE, text)
    return text + "\n" + formatted.replace("{{", "{").replace("}}", "}")


@functools.cache
def messages():
    """Every text of the program's source; those of servers stand in the tests that provoke them."""
    found = []
    for folder in ("lib", "daemon", "api"):
        for path in (TREE / folder).rglob("*.cpp"):
            source = path.read_text(encoding="utf-8")
            found += [plain(match.group()) for match in LITERAL.finditer(source)]
    return "\n".join(found)


@functools.cache
def provoked():
    """The texts of end-to-end tests, where servers' own messages are provoked."""
    return "\n".join(path.read_text(encoding="utf-8")
                     for path in (TREE / "tests/e2e").glob("test_*.py")
                     if path.name != "test_reference.py")


def entries():
    """The messages that the page on troubleshooting is about."""
    found = re.findall(r"^\| `([^`]+)` \| ", text_of("docs/troubleshooting.md"), re.M)
    assert len(found) >= 40 and len(set(found)) == len(found)
    return found


def occurs(message):
    """Whether the program says this: the parts between the places stand in one text, in order."""
    parts = [part for part in re.split(rf" ?{PLACE} ?", message) if part.strip()]
    assert any(len(part) >= 8 for part in parts), f"{message}: too little to be looked for"
    pattern = r"[^\n]*?".join(re.escape(part) for part in parts)
    return re.search(pattern, messages()) or re.search(pattern, provoked())


@pytest.mark.parametrize("message", entries())
def test_messages_of_troubleshooting_exist(message):
    assert occurs(message), f"neither the source nor a test has: {message}"


def test_a_message_that_nobody_writes_is_noticed():
    assert not occurs("the ferry … has sunk")


@pytest.mark.parametrize("page", ["README.md"] + [f"docs/{name}.md" for name in (
    "README", "reference", "operations", "troubleshooting", "comparison")])
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)]+)\)", text_of(page)):
        name, _, heading = target.partition("#")
        if "://" in target:
            continue
        path = (TREE / page).parent / name if name else TREE / page
        assert path.exists(), f"{page}: {target}"
        if heading:
            titles = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.M)
            slugs = [re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles]
            assert heading in slugs, f"{page}: {target}"
