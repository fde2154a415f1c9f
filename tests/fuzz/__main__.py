"""Coverage-guided fuzzing: `tests/run fuzz [TARGET …] [--seconds N | --inputs N]`.

Each target runs in a process of its own, since libFuzzer ends the one it runs in. What it learns is kept in `.fuzz/`
of the checkout and used by the next run; what breaks a target is put beside it and named.
"""

from __future__ import annotations

import argparse
import re
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from hashlib import sha1
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / ".fuzz"
_SHORTEST_LIMIT = 8192
"""Inputs are cut at this length, or at twice the longest seed."""
_USUAL_S = 60
_SLOW_AFTER_S = 20
_MEMORY_MB = 2048
_TAIL = 30
_INSTRUMENTED = "CPU seconds before the first input"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one target fared."""

    executions: int
    coverage: int
    cpu_s: float
    """Without what it took to load and instrument everything."""
    findings: tuple[Path, ...]
    output: str


def main() -> int:
    """Fuzz what was asked for; 1 if something was found."""
    parser = argparse.ArgumentParser(prog="tests/run fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="all if none is named")
    parser.add_argument("--seconds", type=int, help="for each target (default: 60)")
    parser.add_argument("--inputs", type=int, help="so many of each target, however long they take")
    parser.add_argument("--in-this-process", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.in_this_process:
        _run_here(options.targets[0], options.seconds, options.inputs)
    from tests.fuzz.targets import TARGETS

    unknown = [name for name in options.targets if name not in TARGETS]
    if unknown:
        parser.error(f"no target {', '.join(unknown)}; there are {', '.join(TARGETS)}")
    found = False
    for name in options.targets or TARGETS:
        outcome = _fuzz(name, options.seconds, options.inputs)
        rate = outcome.executions / max(outcome.cpu_s, 0.1)
        print(
            f"{name}: {outcome.executions} executions, {rate:.0f} a second of CPU,"
            f" coverage {outcome.coverage}",
            flush=True,
        )
        if outcome.findings or not outcome.executions:
            found = True
            print("\n".join(outcome.output.splitlines()[-_TAIL:]))
            print("\n".join(f"  found: {path}" for path in outcome.findings), flush=True)
    return 1 if found else 0


def _fuzz(name: str, seconds: int | None, inputs: int | None) -> Outcome:
    findings = FOLDER / "findings" / name
    findings.mkdir(parents=True, exist_ok=True)
    before = set(findings.iterdir())
    command = [
        sys.executable,
        "-m",
        "tests.fuzz",
        name,
        *([] if seconds is None else [f"--seconds={seconds}"]),
        *([] if inputs is None else [f"--inputs={inputs}"]),
        "--in-this-process",
    ]
    began_s = _children_cpu_s()
    finished = subprocess.run(
        command, capture_output=True, text=True, errors="replace", check=False
    )
    output = finished.stdout + finished.stderr
    executions = re.findall(r"stat::number_of_executed_units: +(\d+)", output)
    coverage = re.findall(r"cov: (\d+)", output)
    instrumented = re.findall(rf"{_INSTRUMENTED}: ([\d.]+)", output)
    return Outcome(
        int(executions[-1]) if executions else 0,
        int(coverage[-1]) if coverage else 0,
        _children_cpu_s() - began_s - (float(instrumented[0]) if instrumented else 0),
        tuple(sorted(set(findings.iterdir()) - before)),
        output,
    )


def _children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _run_here(name: str, seconds: int | None, inputs: int | None) -> None:
    """Instrument, then fuzz; does not return."""
    import atheris

    with atheris.instrument_imports(include=["sigcli"], enable_loader_override=False):
        from tests.fuzz.targets import TARGETS
    target = TARGETS[name]
    corpus = FOLDER / "corpus" / name
    corpus.mkdir(parents=True, exist_ok=True)
    seeds = (*target.seeds(), *target.found)
    for seed in seeds:
        (corpus / sha1(seed, usedforsecurity=False).hexdigest()).write_bytes(seed)
    limit = max(_SHORTEST_LIMIT, 2 * max(map(len, seeds)))
    arguments = [
        sys.argv[0],
        str(corpus),
        f"-artifact_prefix={FOLDER / 'findings' / name}/",
        f"-max_total_time={seconds or (0 if inputs else _USUAL_S)}",
        f"-runs={inputs or -1}",
        f"-max_len={limit}",
        f"-timeout={_SLOW_AFTER_S}",
        f"-rss_limit_mb={_MEMORY_MB}",
        "-print_final_stats=1",
    ]
    print(f"{_INSTRUMENTED}: {time.process_time()}", flush=True)
    atheris.Setup(arguments, lambda data: target.run(data) and None)
    atheris.Fuzz()


if __name__ == "__main__":
    raise SystemExit(main())
