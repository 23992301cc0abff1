"""What a proof has found: statements that held, and those that did not."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Findings:
    """Counts what held, and keeps what broke."""

    held: int = 0
    broken: list[str] = field(default_factory=list)

    def expect(self, holds: bool, statement: str) -> None:
        """Note a statement; one that is broken is printed at once."""
        if holds:
            self.held += 1
        else:
            self.broken.append(statement)
            print(f"BROKEN {statement}", flush=True)
