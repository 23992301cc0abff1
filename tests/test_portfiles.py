"""Files that tell a port: there while it is open, and never half written."""

from pathlib import Path

import pytest

from aicode_mock.portfiles import port_told


def test_a_port_is_told_until_it_is_closed(tmp_path: Path) -> None:
    file = tmp_path / "port"
    file.write_text("1\n", encoding="ascii")

    with port_told(str(file)) as tell:
        assert not file.exists()
        tell(8443)
        assert file.read_text(encoding="ascii") == "8443\n"

    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_is_told_before_anything_starts(tmp_path: Path) -> None:
    file = tmp_path / "no" / "port"

    with pytest.raises(OSError, match=f"^--its-option {file} cannot be written: No such file"):
        port_told(str(file), option="--its-option").__enter__()


def test_no_file_is_told_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    with port_told(None) as tell:
        tell(8443)

    assert list(tmp_path.iterdir()) == []
