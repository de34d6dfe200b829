"""Requests that `stance serve` answers: concurrent clients with one sentence each, beside the same model in batches.

    python benchmarks/serve_load.py [--model FOLDER] [--clients N] [--requests N]

Server and clients share the machine, and so its processors. The number of requests is bounded; all go to this machine.
"""

import argparse
import http.client
import json
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np

from pipeline import load_model
from pipeline.store.jsonl import read_examples

HOST = "127.0.0.1"
BATCH_SECONDS = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=Path("runs/transformer/exported"), metavar="FOLDER")
    parser.add_argument(
        "--run", type=Path, default=Path("runs/transformer"), metavar="RUN", help="whose test part is asked"
    )
    parser.add_argument("--clients", type=int, default=64, metavar="N")
    parser.add_argument("--requests", type=int, default=4000, metavar="N", help="in all")
    arguments = parser.parse_args()
    texts = [example.text for example in read_examples(arguments.run / "split/test.jsonl")]
    batched = batch_rate(arguments.model, texts)
    port = free_port()
    command = [sys.executable, "-m", "pipeline", "serve", "--model", str(arguments.model), "--port", str(port)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as server:
        try:
            wait_for(port)
            seconds, lost, wall = asked(port, texts, arguments.clients, arguments.requests)
        finally:
            server.terminate()
    rate = len(seconds) / wall
    p50, p99 = np.quantile(seconds, [0.5, 0.99])
    print("| clients | requests | lost | a second | p50, ms | p99, ms | in batches, a second | share |")
    print("|--:|--:|--:|--:|--:|--:|--:|--:|")
    print(
        f"| {arguments.clients} | {arguments.requests} | {lost} | {rate:.0f} | {1000 * p50:.0f} | {1000 * p99:.0f} "
        f"| {batched:.0f} | {rate / batched:.2f} |"
    )


def batch_rate(folder: Path, texts: list[str]) -> float:
    """Sentences a second of the same model, without a server."""
    model = load_model(folder)
    model.predict(texts[:256])
    began, n = time.perf_counter(), 0
    while time.perf_counter() - began < BATCH_SECONDS:
        some = texts[n % len(texts) :][:1024]
        model.predict(some)
        n += len(some)
    return n / (time.perf_counter() - began)


def asked(port: int, texts: list[str], n_clients: int, n_requests: int) -> tuple[list[float], int, float]:
    """Seconds of each request that was answered rightly, how many were not, and how long all took."""
    seconds: list[float] = []
    shares = [range(client, n_requests, n_clients) for client in range(n_clients)]
    threads = [threading.Thread(target=one_client, args=(port, texts, share, seconds)) for share in shares]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seconds, n_requests - len(seconds), time.perf_counter() - began


def one_client(port: int, texts: list[str], share: range, seconds: list[float]) -> None:
    connection = http.client.HTTPConnection(HOST, port, timeout=60)
    for number in share:
        text = texts[number % len(texts)]
        began = time.perf_counter()
        connection.request("POST", "/predict", json.dumps({"sentences": [text]}), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        content = answer.read()
        if answer.status == 200 and json.loads(content)["sentences"][0]["text"] == text:
            seconds.append(time.perf_counter() - began)
    connection.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def wait_for(port: int) -> None:
    for _ in range(600):
        connection = http.client.HTTPConnection(HOST, port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    sys.exit("the server did not start")


if __name__ == "__main__":
    main()
