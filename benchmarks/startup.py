"""Seconds until Python and the command line answer: the median of several starts, files warm.

python benchmarks/startup.py
"""

import statistics
import subprocess
import sys
import time

STARTS = 11
COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "import pipeline": ["-c", "import pipeline"],
    "stance --help": ["-m", "pipeline", "--help"],
    "stance config check": ["-m", "pipeline", "config", "check", "configs/baseline.yaml"],
}


def main() -> None:
    print("| what | seconds, median |")
    print("|---|--:|")
    for name, arguments in COMMANDS.items():
        print(f"| {name} | {statistics.median(seconds(arguments) for _ in range(STARTS)):.3f} |", flush=True)


def seconds(arguments: list[str]) -> float:
    began = time.monotonic()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.monotonic() - began


if __name__ == "__main__":
    main()
