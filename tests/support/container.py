"""The Dockerfile read, and its start without Docker: a read-only root, /data, and user 1000, in a mount namespace."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import default_environment
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]

_ENTER = """
set -e
PATH=$PATH:/usr/sbin:/sbin
root=$1 owner=$2 directory=$3 shown=$4; shift 4
mount --make-rprivate /
mount -t tmpfs -o mode=755 root "$root"
mkdir "$root/data" "$root/tmp"
mount -t tmpfs -o "mode=700,uid=$owner,gid=$owner" data "$root/data"
mount -t tmpfs -o mode=1777 tmp "$root/tmp"
for name in bin lib lib64 sbin; do
  if [ -L "/$name" ]; then cp -P "/$name" "$root/$name"; elif [ -d "/$name" ]; then shown="$shown:/$name"; fi
done
IFS=:
for path in /usr /etc /dev /proc $shown; do
  mkdir -p "$root$path"
  mount --rbind "$path" "$root$path"
  case $path in /dev|/proc) ;; *) mount -o remount,bind,ro "$root$path";; esac
done
unset IFS
mount -o remount,ro "$root"
exec chroot "$root" sh -c 'cd "$1"; shift; exec "$@"' sh "$directory" \
  setpriv --reuid 1000 --regid 1000 --clear-groups --no-new-privs --bounding-set -all "$@"
"""


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a Dockerfile: what it is made from, and its instructions in order, continuation lines joined."""

    name: str
    image: str
    instructions: tuple[tuple[str, str], ...]

    def every(self, kind: str) -> list[str]:
        """The arguments of each instruction of a kind."""
        return [argument for found, argument in self.instructions if found == kind]

    def one(self, kind: str) -> str:
        """The last of a kind, which is the one that counts."""
        return self.every(kind)[-1]

    def environment(self) -> dict[str, str]:
        """What ENV sets, without what refers to other variables."""
        found = re.findall(r'(\w+)="?([^"\s]*)"?', " ".join(self.every("ENV")))
        return {name: value for name, value in found if "$" not in value}

    def command(self, kind: str = "CMD") -> list[str]:
        """The exec form of CMD, or of HEALTHCHECK's."""
        found: list[str] = json.loads(self.one(kind)[self.one(kind).index("[") :])
        return found


def stages() -> list[Stage]:
    """The Dockerfile's stages."""
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    found: list[tuple[str, str, list[tuple[str, str]]]] = []
    for line in text.splitlines():
        kind, _, argument = line.strip().partition(" ")
        if kind == "FROM":
            image, _, name = argument.partition(" AS ")
            found.append((name, image, []))
        elif kind and not kind.startswith("#"):
            found[-1][2].append((kind, re.sub(r"\s+", " ", argument.strip())))
    return [Stage(name, image, tuple(instructions)) for name, image, instructions in found]


def pinned(requirements: Path, *, python: str) -> dict[str, str]:
    """The versions that a file of requirements pins for CPython of this version (X.Y) on Linux, by name."""
    target = {**default_environment(), "python_version": python, "python_full_version": f"{python}.0"}
    lines = [line.removesuffix("\\") for line in requirements.read_text().splitlines() if re.match(r"\w", line)]
    wanted = [Requirement(line) for line in lines]
    return {
        one.name: next(iter(one.specifier)).version
        for one in wanted
        if one.marker is None or one.marker.evaluate({name: str(value) for name, value in target.items()})
    }


def entering(root: Path, *, owner: int, directory: str, shown: Iterable[Path]) -> list[str]:
    """What stands before a command to run it as user 1000 in a read-only root with `shown`, and /data of `owner`."""
    paths = ":".join(str(path) for path in shown)
    enter = ["unshare", "--mount", "--propagation", "private", "sh", "-c", _ENTER, "sh"]
    return [*enter, str(root), str(owner), directory, paths]
