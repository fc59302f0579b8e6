"""Loads the classes of Kurigram as they are used: those of the schema (pyrogram.raw), a module for each of 2,500
constructors, those of messages and the like (pyrogram.types), and the methods of its client (client_methods.py).

Kurigram imports all of them at once, half a second of a processor and 30 MB for a server that uses one in ten. Here the
packages import none: a class is imported when its name is asked for as an attribute of its package, or when its
constructor is received.
"""

import importlib
import re
import sys
from collections.abc import Mapping, Sequence
from importlib.abc import InspectLoader, Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

from streamvault.telegram.client_methods import make_methods

_ROOT = "pyrogram.raw"
_KINDS = ("types", "functions", "base")
_METHODS = "pyrogram.methods"
_LAZY = (*(f"{_ROOT}.{kind}" for kind in _KINDS), "pyrogram.types", _METHODS)
_CLASS = re.compile(r"^from \.(\w+) import (\w[\w, ]*|\([\w,\s]*\))$", re.MULTILINE)
_PACKAGES = re.compile(r"^from \. import (.+)$", re.MULTILINE)


def load_lazily() -> None:
    """Let these packages import their classes when they are used; for those that nobody has imported yet."""
    if _ROOT not in sys.modules and not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


class _Finder(MetaPathFinder):
    """Finds these packages, and no other module."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != _ROOT and not f"{fullname}.".startswith(tuple(f"{package}." for package in _LAZY)):
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.submodule_search_locations is None or not isinstance(spec.loader, InspectLoader):
            return None  # the module of a class
        own = {_ROOT: _RootLoader(), _METHODS: _MethodsLoader()}
        spec.loader = own.get(fullname) or _PackageLoader(spec.loader)
        return spec


class _RootLoader(Loader):
    """Loads pyrogram.raw, whose own code would import all classes."""

    def exec_module(self, module: ModuleType) -> None:
        table = importlib.import_module(".all", module.__name__)
        table.objects = _Classes(table.objects)  # type: ignore[attr-defined]
        for name in ("core", *_KINDS):
            setattr(module, name, importlib.import_module(f".{name}", module.__name__))


class _MethodsLoader(Loader):
    """Loads pyrogram.methods, whose own code would import all methods."""

    def exec_module(self, module: ModuleType) -> None:
        module.Methods = make_methods(module)  # type: ignore[attr-defined]


class _PackageLoader(Loader):
    """Loads a package of classes by reading which module each is in."""

    def __init__(self, loader: InspectLoader) -> None:
        self._loader = loader

    def exec_module(self, module: ModuleType) -> None:
        package = module.__name__
        source = self._loader.get_source(package) or ""
        homes = {name: home for home, names in _CLASS.findall(source) for name in re.findall(r"\w+", names)}
        packages = {name for names in _PACKAGES.findall(source) for name in names.split(", ")}

        def attribute(name: str) -> Any:
            if name in packages:
                return importlib.import_module(f".{name}", package)
            if name not in homes:
                raise AttributeError(f"module {package!r} has no attribute {name!r}")
            found = getattr(importlib.import_module(f".{homes[name]}", package), name)
            setattr(module, name, found)
            return found

        module.__getattr__ = attribute  # type: ignore[method-assign]


class _Classes(dict[int, Any]):
    """The classes by the ids of their constructors, each imported when it is asked for."""

    def __init__(self, paths: Mapping[int, str]) -> None:
        super().__init__()
        self._paths = paths

    def __missing__(self, constructor: int) -> Any:
        package, _, name = self._paths[constructor].rpartition(".")
        self[constructor] = found = getattr(importlib.import_module(package), name)
        return found

    def get(self, constructor: int, default: Any = None) -> Any:
        return self[constructor] if constructor in self._paths else default

    def __contains__(self, constructor: object) -> bool:
        return constructor in self._paths
