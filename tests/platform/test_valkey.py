"""The embedded Valkey, with real servers and real kills."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from notifier import valkey
from notifier.valkey import EmbeddedValkey, ValkeyError

ROOT = Path(__file__).resolve().parents[2]

# Another process that starts the instance's Valkey, says so, and waits for its end.
STARTER = """
import sys, time
from pathlib import Path
from notifier.valkey import EmbeddedValkey
server = EmbeddedValkey(Path(sys.argv[1]))
server.start()
print("started" if server._process else "adopted", flush=True)
time.sleep(60)
"""

# A process that forks while it has the server, as RQ does for each job; the child ends like any program.
FORKER = """
import os, sys
from pathlib import Path
import redis
from notifier import valkey
with valkey.ensure(Path(sys.argv[1])) as url, redis.from_url(url, decode_responses=True) as connection:
    connection.set("word", "кабар")
    if os.fork() == 0:
        sys.exit()
    os.wait()
    print(connection.get("word"))
"""


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "instance"
    yield folder
    stop_whatever_runs(folder)


@pytest.fixture
def server(instance: Path) -> Iterator[EmbeddedValkey]:
    server = EmbeddedValkey(instance)
    server.start()
    yield server
    server.stop()


def another_process(instance: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", STARTER, str(instance)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def end(process: subprocess.Popen[str], how: signal.Signals = signal.SIGKILL) -> None:
    process.send_signal(how)
    process.communicate(timeout=10)


def pid_of(instance: Path) -> int:
    return int((instance / "valkey" / "valkey.pid").read_text())


def lives(pid: int) -> bool:
    """A process that has ended but that nobody has collected does not live."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def soon(condition: Callable[[], bool], seconds: float = 5) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


def stop_whatever_runs(instance: Path) -> None:
    if (instance / "valkey" / "valkey.pid").exists() and lives(pid := pid_of(instance)):
        os.kill(pid, signal.SIGKILL)


def client(instance: Path) -> redis.Redis:
    return redis.from_url(valkey.url(instance), decode_responses=True)


def test_it_keeps_what_it_was_told_over_a_restart(instance: Path) -> None:
    with valkey.ensure(instance) as url, redis.from_url(url, decode_responses=True) as connection:
        connection.set("word", "кабар")
        assert connection.config_get("appendonly")["appendonly"] == "yes"
    with valkey.ensure(instance) as url, redis.from_url(url, decode_responses=True) as connection:
        assert connection.get("word") == "кабар"


def test_it_listens_on_no_network_port_and_nobody_else_may_connect(
    instance: Path, server: EmbeddedValkey
) -> None:
    with client(instance) as connection:
        assert connection.config_get("port")["port"] == "0"
    assert server.socket.stat().st_mode & 0o077 == 0
    assert server.socket.parent.stat().st_mode & 0o077 == 0


def test_it_starts_in_a_moment(instance: Path) -> None:
    begin = time.monotonic()
    with valkey.ensure(instance):
        assert time.monotonic() - begin < 2


def test_its_place_is_known_without_starting_it(instance: Path) -> None:
    assert valkey.url(instance) == f"unix://{instance}/valkey/valkey.sock"
    assert not instance.exists()


def test_a_folder_with_spaces_and_kyrgyz_letters_will_do(tmp_path: Path) -> None:
    instance = tmp_path / "үй өң"
    with valkey.ensure(instance), client(instance) as connection:
        assert connection.ping()


def test_stopping_leaves_no_process(instance: Path) -> None:
    server = EmbeddedValkey(instance)
    server.start()
    pid = pid_of(instance)
    server.stop()
    assert not lives(pid)
    assert not server.answers()
    server.stop()  # harmless again


def test_it_dies_with_a_killed_parent(instance: Path) -> None:
    starter = another_process(instance)
    assert said(starter) == "started"
    pid = pid_of(instance)
    end(starter, signal.SIGKILL)
    assert soon(lambda: not lives(pid))


def test_what_a_killed_server_leaves_behind_does_not_keep_the_next_from_starting(instance: Path) -> None:
    starter = another_process(instance)
    assert said(starter) == "started"
    with client(instance) as connection:
        connection.set("word", "кабар")
        connection.execute_command("WAITAOF", 1, 0, 5000)
    pid = pid_of(instance)
    os.kill(pid, signal.SIGKILL)
    assert soon(lambda: not lives(pid))
    assert (instance / "valkey" / "valkey.sock").exists()
    end(starter)
    with valkey.ensure(instance), client(instance) as connection:
        assert connection.get("word") == "кабар"
        assert pid_of(instance) != pid


def test_a_running_server_is_adopted_and_left_to_its_starter(instance: Path, server: EmbeddedValkey) -> None:
    pid = pid_of(instance)
    with valkey.ensure(instance):
        assert pid_of(instance) == pid
    assert server.answers()


def test_processes_that_start_at_once_share_one_server(instance: Path) -> None:
    starters = [another_process(instance) for _ in range(5)]
    answers = sorted(said(starter) for starter in starters)
    for starter in starters:
        end(starter)
    assert answers == ["adopted"] * 4 + ["started"]


def test_a_forked_childs_end_harms_nothing(instance: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FORKER, str(instance)], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert done.stdout == "кабар\n"


def test_a_torn_end_of_the_file_is_mended(instance: Path) -> None:
    with valkey.ensure(instance), client(instance) as connection:
        connection.set("word", "кабар")
    (file,) = (instance / "valkey" / "data" / "appendonlydir").glob("*.incr.aof")
    with file.open("ab") as out:
        out.write(b"*3\r\n$3\r\nSET\r\n$4\r\nwo")
    with valkey.ensure(instance), client(instance) as connection:
        assert connection.get("word") == "кабар"
    assert not list((instance / "valkey").glob("data.broken-*"))


def test_unreadable_data_are_set_aside_and_it_starts_empty(
    instance: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with valkey.ensure(instance), client(instance) as connection:
        connection.set("word", "кабар")
    (file,) = (instance / "valkey" / "data" / "appendonlydir").glob("*.incr.aof")
    file.write_bytes(b"no such thing as a command\r\n" + file.read_bytes())
    with valkey.ensure(instance), client(instance) as connection:
        assert connection.get("word") is None
    (aside,) = (instance / "valkey").glob("data.broken-*")
    assert f"set aside in {aside}" in caplog.text


def test_data_stay_where_they_are_when_they_are_not_the_fault(
    instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with valkey.ensure(instance), client(instance) as connection:
        connection.set("word", "кабар")
    with monkeypatch.context() as patch:
        patch.setattr(valkey, "_binary", lambda: Path("/bin/false"))
        with pytest.raises(ValkeyError), valkey.ensure(instance):
            pass
    with valkey.ensure(instance), client(instance) as connection:
        assert connection.get("word") == "кабар"


def test_a_server_whose_socket_was_removed_is_replaced(
    instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    starter = another_process(instance)
    assert said(starter) == "started"
    lost = pid_of(instance)
    (instance / "valkey" / "valkey.sock").unlink()
    monkeypatch.setattr(valkey, "PATIENCE", 1.0)
    with valkey.ensure(instance), client(instance) as connection:
        assert connection.ping()
        assert not lives(lost)
    end(starter)


def test_a_path_too_long_for_a_socket_gets_a_short_private_one(tmp_path: Path) -> None:
    instance = tmp_path / ("long-" * 20) / "instance"
    with valkey.ensure(instance) as url, redis.from_url(url) as connection:
        assert connection.ping()
        place = EmbeddedValkey(instance).socket
        assert place.parent == Path(f"/tmp/kabarchy-{os.geteuid()}")
        assert place.parent.stat().st_mode & 0o777 == 0o700
        assert (instance / "valkey" / "data").exists()
    assert not place.exists()


def test_a_socket_folder_of_somebody_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trap = tmp_path / "trap"
    trap.symlink_to(tmp_path)
    monkeypatch.setattr(valkey, "_socket", lambda instance: trap / "valkey.sock")
    with pytest.raises(ValkeyError, match="belongs to somebody else"):
        EmbeddedValkey(tmp_path / "instance").start()


def test_a_silent_listener_on_the_socket_is_no_server(instance: Path) -> None:
    server = EmbeddedValkey(instance)
    server.home.mkdir(parents=True)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(server.socket))
        assert not server.answers()
