"""``python -m bench.reliability NAME``: run one proof, print its figures; exit code 1 when it fails."""

import sys
from collections.abc import Callable

import click

from bench.reliability import clients, day, kills, wallclock
from bench.reliability.findings import Findings

PROOFS: dict[str, Callable[[Findings], None]] = {
    "kills": kills.prove,
    "clients": clients.prove,
    "day": day.prove,
    "wallclock": wallclock.prove,
}


@click.command()
@click.argument("name", type=click.Choice(list(PROOFS)))
def main(name: str) -> None:
    """Run one proof."""
    findings = Findings()
    PROOFS[name](findings)
    if findings.broken:
        click.echo(f"broken: {len(findings.broken)}")
        sys.exit(1)
    click.echo(f"{findings.held} statements hold")


if __name__ == "__main__":
    main()
