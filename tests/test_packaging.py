"""What is handed out: distributions, pinned versions, the image; what must and must not be in them.

The files of the repository are those of the source distribution: everything that git does not ignore.
"""

import json
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path, PurePath
from typing import Any, NamedTuple

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from aicode_mock import __version__
from aicode_mock.cli import commands
from aicode_mock.flags import ENV_PREFIX
from aicode_mock.options import DEFAULT_PORT
from aicode_mock.servecommand import serve
from tests.scratchproject import make_project, run_pytest, servers, surroundings

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
PINNED = ("constraints.txt", "constraints-dev.txt")
# Letters in brackets keep the patterns from matching themselves.
REGISTRY = re.compile(r"\b(p[y]pi|python[h]osted|n[p]mjs)\.[a-z]|https?://\S+/s[i]mple\b")
MACHINE_PATH = re.compile(r"(?<![\w.~-])/([h]ome|[U]sers|[r]oot|[w]ork)/\w|\b[A-Z]:\\[U]sers\\")


class Pin(NamedTuple):
    """One version in a file of pinned versions; ``via`` are the packages that want it."""

    requirement: Requirement
    hashes: list[str]
    via: set[str]

    @property
    def name(self) -> str:
        """The name as indexes spell it."""
        return canonicalize_name(self.requirement.name)

    @property
    def version(self) -> str:
        """The one version."""
        return str(self.requirement.specifier).removeprefix("==")


def pins(file: str) -> list[Pin]:
    """The pins of a file, each with its lines of hashes and reasons."""
    text = "".join(re.findall(r"^(?!#).*\n", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE))
    return [
        Pin(
            Requirement(block.partition("\\")[0]),
            re.findall(r"--hash=sha256:([0-9a-f]{64})\b", block),
            set(re.findall(r"^    #(?:   | via )([a-z].*)$", block, re.MULTILINE)),
        )
        for block in re.split(r"\n(?=\S)", text)
    ]


def instructions() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile: word and argument."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    lines = re.sub(r"\\\n", " ", text).splitlines()
    return [(word, argument) for word, _, argument in (line.partition(" ") for line in lines) if word]


def last(word: str, *, having: str = "") -> str:
    """The argument of the last instruction of its kind: what the image keeps."""
    return [argument for one, argument in instructions() if one == word and having in argument][-1]


def service() -> Any:
    """The service of the compose file that needs no profile."""
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    return services["aicode-mock"]


def readme_commands() -> Iterator[str]:
    """The commands of the README that begin with an empty environment."""
    for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("python3 -m venv .venv &&"):
            yield line


@pytest.fixture(scope="session")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a source distribution, and the wheel that is built from it."""
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="session")
def repository(distributions: Path) -> Mapping[str, str]:
    """The text of every file of the repository, by its path."""
    (file,) = distributions.glob("*.tar.gz")
    with tarfile.open(file) as archive:
        contents = {member.name.partition("/")[2]: archive.extractfile(member) for member in archive}
        return {name: content.read().decode() for name, content in contents.items() if content is not None}


@pytest.fixture(scope="session")
def wheel(distributions: Path) -> Iterator[zipfile.ZipFile]:
    """The wheel, open."""
    (file,) = distributions.glob("*.whl")
    with zipfile.ZipFile(file) as archive:
        yield archive


def test_the_wheel_holds_the_package_and_its_data_and_nothing_else(
    wheel: zipfile.ZipFile, repository: Mapping[str, str]
) -> None:
    moved = {"app": "", "seed": "aicode_mock/_data/seed/", "openapi": "aicode_mock/_data/openapi/"}
    metadata = {"METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE"}

    expected = {f"aicode_mock-{__version__}.dist-info/{name}" for name in metadata}
    for name in repository:
        top, _, rest = name.partition("/")
        if top in moved:
            expected.add(moved[top] + rest)

    assert set(wheel.namelist()) == expected


def test_the_wheel_holds_code_in_the_package_and_data_beside_it(wheel: zipfile.ZipFile) -> None:
    files = [PurePath(name) for name in wheel.namelist()]

    data = {(one.parent.name, one.suffix) for one in files if "_data" in one.parts}
    code = {one.suffix or one.name for one in files if one.parent.as_posix() == "aicode_mock"}

    assert data == {("seed", ".toml"), ("seed", ".json"), ("faults", ".toml"), ("openapi", ".yaml")}
    assert code == {".py", ".typed"}
    assert wheel.read("aicode_mock/_data/seed/pools.json") == (ROOT / "seed/pools.json").read_bytes()


def test_the_wheel_has_one_command_and_one_pytest_plugin(wheel: zipfile.ZipFile) -> None:
    entry_points = wheel.read(f"aicode_mock-{__version__}.dist-info/entry_points.txt").decode()

    assert [line for line in entry_points.splitlines() if line] == [
        "[console_scripts]",
        "aicode-mock = aicode_mock.cli:main",
        "[pytest11]",
        "aicode_mock = aicode_mock.pytest_plugin",
    ]


@pytest.mark.parametrize("options", [[], ["-n", "2"]], ids=["alone", "xdist"])
def test_the_plugin_of_the_wheel_serves_a_project_of_somebody_else(
    wheel: zipfile.ZipFile, tmp_path: Path, options: list[str]
) -> None:
    wheel.extractall(tmp_path / "wheel")  # noqa: S202  # our own; it goes before the checkout
    project = make_project(tmp_path / "project")

    # Coverage would look for the source of the wheel when the test is over.
    unmeasured = {"COVERAGE_PROCESS_START": "", "COVERAGE_PROCESS_CONFIG": ""}
    done = run_pytest(project, *options, PYTHONPATH=str(tmp_path / "wheel"), **unmeasured)
    where = "import aicode_mock, sys; sys.stdout.write(aicode_mock.__file__)"
    used = subprocess.run(
        [sys.executable, "-c", where],
        env=surroundings(project, PYTHONPATH=str(tmp_path / "wheel"), **unmeasured),
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert "8 passed" in done.stdout, done.stdout
    assert len(servers(project)) == 1
    assert used.startswith(str(tmp_path / "wheel"))


@pytest.mark.parametrize("pattern", [REGISTRY, MACHINE_PATH], ids=["registry", "machine"])
def test_no_file_names_a_package_registry_or_a_folder_of_one_machine(
    repository: Mapping[str, str], pattern: re.Pattern[str]
) -> None:
    found = {name: match[0] for name, text in repository.items() if (match := pattern.search(text))}

    assert found == {}


def test_the_version_is_written_in_one_module_and_the_changelog(repository: Mapping[str, str]) -> None:
    version = re.compile(rf"(?<![\w.=<>]){re.escape(__version__)}(?![\w.])")

    found = {name for name, text in repository.items() if version.search(text)}

    assert found - {"PKG-INFO"} == {"app/aicode_mock/__init__.py", "CHANGELOG.md"}


def test_the_changelog_begins_with_this_version(repository: Mapping[str, str]) -> None:
    releases = re.findall(r"^## \[?(\d[^\s\]]*)", repository["CHANGELOG.md"], re.MULTILINE)

    assert releases[0] == __version__


def test_ci_runs_the_commands_of_the_readme_word_for_word(repository: Mapping[str, str]) -> None:
    lines = [line.strip() for line in repository[".ci/run"].splitlines()]

    run, test = readme_commands()

    assert run.endswith(".venv/bin/aicode-mock serve")
    assert test.endswith(".venv/bin/python -m pytest -n auto --dist loadfile")
    assert {run, test} <= set(lines)


@pytest.mark.parametrize("without", ["unset CI", "CI="])
def test_the_check_installs_packages_of_the_system_only_on_ci(
    repository: Mapping[str, str], without: str
) -> None:
    (rule,) = [line for line in repository[".ci/run"].splitlines() if line.startswith("can_install() ")]
    (use,) = re.findall(
        r"^if .* && can_install; then\n.*\n +apt-get install", repository[".ci/run"], re.MULTILINE
    )

    asked = subprocess.run(["bash", "-c", f"set -euo pipefail; {rule}\n{without}; can_install"], check=False)

    assert use
    assert repository[".ci/run"].count("apt-get install") == 1
    assert asked.returncode == 1


def test_every_make_target_is_explained_and_named_in_the_guide(repository: Mapping[str, str]) -> None:
    targets = set(re.findall(r"^([a-z]+):", repository["Makefile"], re.MULTILINE))

    explained = set(re.findall(r"^([a-z]+):.* ## [A-Z]", repository["Makefile"], re.MULTILINE))
    named = set(re.findall(r"`make ([a-z]+)", repository["CONTRIBUTING.md"]))

    assert targets == explained == named | {"help"}


@pytest.mark.skipif(shutil.which("make") is None, reason="asks make what it would do")
def test_a_wheel_is_built_beside_the_environment_that_a_server_runs_in() -> None:
    done = subprocess.run(
        ["make", "--dry-run", "--always-make", "wheel"], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert "hatchling build" in done.stdout
    assert ".venv" not in done.stdout


@pytest.mark.parametrize("file", PINNED)
def test_every_pin_is_one_version_with_its_hashes(file: str) -> None:
    for pin in pins(file):
        assert re.fullmatch(r"==[\w.]+", str(pin.requirement.specifier)), pin.name
        assert pin.hashes, pin.name


@pytest.mark.parametrize(
    ("file", "declared"),
    [
        ("constraints.txt", PROJECT["dependencies"] + EXTRAS["postgresql"] + EXTRAS["tls"]),
        ("constraints-dev.txt", EXTRAS["dev"]),
    ],
)
def test_the_pins_lie_in_the_declared_ranges(file: str, declared: list[str]) -> None:
    wanted = [one for one in map(Requirement, declared) if one.name != PROJECT["name"]]

    for want in wanted:
        versions = [pin.version for pin in pins(file) if pin.name == canonicalize_name(want.name)]
        assert versions, want.name
        assert all(map(want.specifier.contains, versions)), want.name


def test_what_is_tested_is_what_is_run() -> None:
    run, test = ({(pin.name, pin.version) for pin in pins(file)} for file in PINNED)

    assert run <= test


def test_what_is_installed_is_what_is_pinned() -> None:
    pinned = {
        pin.name: pin.version
        for pin in pins("constraints-dev.txt")
        if pin.requirement.marker is None or pin.requirement.marker.evaluate()
    }

    installed = {name: version(name) for name in pinned}

    assert installed == pinned


@pytest.mark.parametrize("file", PINNED)
def test_the_pins_say_which_command_makes_them(file: str) -> None:
    head = (ROOT / file).read_text(encoding="utf-8").splitlines()[:2]

    assert head[0].startswith("# This file was autogenerated by uv")
    assert head[1].startswith("#    uv pip compile --universal")
    assert head[1].endswith(f"pyproject.toml -o {file}")


def test_the_image_is_built_of_files_that_exist_and_are_sent() -> None:
    sent = re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE)
    copied = {
        source
        for word, argument in instructions()
        if word == "COPY" and not argument.startswith("--from")
        for source in argument.split()[:-1]
    }

    assert copied == set(sent)
    assert all((ROOT / source).exists() for source in copied)


def test_the_image_has_the_newest_python_that_is_supported() -> None:
    supported = re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["classifiers"]))
    newest = max(supported, key=lambda version: int(version.partition(".")[2]))

    bases = {argument.split()[0] for word, argument in instructions() if word == "FROM"}

    assert bases == {f"python:{newest}-slim"}


def test_the_image_keeps_no_package_that_only_builds() -> None:
    building = {"hatchling"}
    while more := {pin.name for pin in pins("constraints.txt") if pin.via <= building} - building:
        building |= more

    removed = last("RUN", having="uninstall").partition("uninstall -q -y ")[2]

    assert set(removed.split()) == building | {"pip"}


def test_the_image_runs_as_a_numbered_user_without_rights() -> None:
    user, _, group = last("USER").partition(":")

    assert int(user) > 0
    assert int(group) > 0


def test_the_image_starts_a_command_that_exists_without_a_shell() -> None:
    entry = json.loads(last("ENTRYPOINT"))
    command = json.loads(last("CMD"))
    health = json.loads(last("HEALTHCHECK").partition("CMD ")[2])

    assert entry == list(PROJECT["scripts"])
    assert command[0] in commands.all_by_name()
    assert health[0] == entry[0]
    assert health[1] in commands.all_by_name()


def test_the_image_and_compose_set_options_that_exist() -> None:
    known = {variable for option in serve.params for variable in option.envvar or ()}
    used = set(re.findall(rf"\b{ENV_PREFIX}_\w+", last("ENV"))) | set(service()["environment"])

    names = ("HOST", "LOG_FORMAT", "API_KEY", "CONTROL_TOKEN")
    assert used == {f"{ENV_PREFIX}_{name}" for name in names}
    assert used <= known


def test_image_and_compose_serve_on_the_default_port_and_loopback() -> None:
    assert last("EXPOSE") == str(DEFAULT_PORT)
    assert service()["ports"] == [f"127.0.0.1:{DEFAULT_PORT}:{DEFAULT_PORT}"]


def test_compose_gives_the_container_nothing_to_write_but_tmp() -> None:
    one = service()

    assert one["build"] == "."
    assert one["read_only"] is True
    assert one["tmpfs"] == ["/tmp"]  # noqa: S108  # a path in the container
    assert one["cap_drop"] == ["ALL"]
