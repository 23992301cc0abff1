"""``python -m aicode_mock`` is the command ``aicode-mock``."""

from aicode_mock.cli import main

if __name__ == "__main__":
    main()
