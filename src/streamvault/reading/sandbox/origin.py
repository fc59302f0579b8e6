"""The warm process: has the libraries loaded, is forked for each job, and ends every process that a job leaves.

It is started with the server's socket as standard input, and ends when the server does. It has one thread, and is the
only one that reaps its forks, so it never kills a process that has taken over a number: a fork that has ended keeps its
number until `_reap`, which first kills what remains of its process group.
"""

import contextlib
import ctypes
import gc
import importlib
import os
import resource
import select
import signal
import socket
import sys
from pathlib import Path

from streamvault.reading.sandbox import child
from streamvault.reading.sandbox.protocol import CONTROL, Control, Order, unpack_control

_PR_SET_CHILD_SUBREAPER = 36
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_libc = ctypes.CDLL(None)


def main() -> None:
    """Load the modules named on the command line, and serve until the server has gone.

    A module that is not installed is left out; a job that needs it fails.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # the server ends this process, after the jobs that it still waits for
    control = _take_standard_input()
    resource.setrlimit(resource.RLIMIT_NOFILE, (child.INHERITED, child.INHERITED))
    _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    for module in sys.argv[1:]:
        with contextlib.suppress(ImportError):
            importlib.import_module(module)
    _keep_freed_memory()
    gc.collect()
    gc.freeze()
    Origin(control).serve()


def _keep_freed_memory() -> None:
    """Have forks use memory again that they have freed: a page that the kernel gives costs more than what fills it."""
    with contextlib.suppress(AttributeError):  # another library than glibc
        _libc.mallopt(_M_MMAP_THRESHOLD, 32 << 20)
        _libc.mallopt(_M_TRIM_THRESHOLD, 1 << 30)


def _take_standard_input() -> socket.socket:
    """The server's socket under another number; a library's output goes nowhere."""
    control = socket.socket(fileno=os.dup(0))
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    os.close(nothing)
    return control


class Origin:
    """Forks, kills and reaps as the server orders."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._forks: dict[int, int] = {}
        """Process id of each job's fork that is not reaped yet."""
        self._wake, wake = os.pipe()
        for end in (self._wake, wake):
            os.set_blocking(end, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)

    def serve(self) -> None:
        """Until the server closes its end."""
        poll = select.poll()
        poll.register(self._control, select.POLLIN)
        poll.register(self._wake, select.POLLIN)
        self._tell(Control(Order.READY))
        while True:
            for number, _ in poll.poll():
                if number == self._wake:
                    with contextlib.suppress(BlockingIOError):
                        os.read(self._wake, 4096)
                    self._reap()
                elif not self._obey():
                    self._end()
                    return

    def _obey(self) -> bool:
        """Do what one message says; False when there is no server any more."""
        try:
            data, sockets, _, _ = socket.recv_fds(self._control, CONTROL, 1)
        except OSError:
            return False
        if not data:
            return False
        order = unpack_control(data)
        if order.order is Order.FORK and sockets:
            self._fork(order.number, sockets[0])
            os.close(sockets[0])
        elif order.order is Order.KILL and order.number in self._forks:
            _kill(self._forks[order.number])
        return True

    def _fork(self, number: int, connection: int) -> None:
        origin = os.getpid()
        try:
            pid = os.fork()
        except OSError as error:
            self._tell(Control(Order.REFUSED, number, error.errno or 0))
            return
        if not pid:
            child.run(connection, origin)
        self._forks[number] = pid
        self._tell(Control(Order.FORKED, number, pid))

    def _reap(self) -> None:
        """Report the forks that have ended, after killing what they leave."""
        reports = []
        for number, pid in list(self._forks.items()):
            if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
                continue
            _kill(pid)
            _, status, used = os.wait4(pid, 0)
            del self._forks[number]
            code = os.waitstatus_to_exitcode(status)
            reports.append(Control(Order.ENDED, number, code, used.ru_utime + used.ru_stime))
        self._kill_strays()
        for report in reports:
            self._tell(report)

    def _kill_strays(self) -> None:
        """Kill processes that a job started in another group; they become children of this one when it ends."""
        forks = set(self._forks.values())
        for _ in range(100):
            strays = _children() - forks
            if not strays:
                return
            for pid in strays:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)

    def _end(self) -> None:
        for pid in self._forks.values():
            _kill(pid)
        for pid in self._forks.values():
            os.waitpid(pid, 0)
        self._forks.clear()
        self._kill_strays()

    def _tell(self, message: Control) -> None:
        with contextlib.suppress(OSError):  # without a server: `serve` sees that next
            self._control.send(message.pack())


def _kill(pid: int) -> None:
    """Kill a fork that is not reaped, and its process group; it has none yet in its first instant."""
    os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _children() -> set[int]:
    own = os.getpid()
    try:
        return {int(pid) for pid in Path(f"/proc/{own}/task/{own}/children").read_text().split()}
    except OSError:  # a kernel without that list
        return set()
