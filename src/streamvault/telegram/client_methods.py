"""The methods of Kurigram's client (pyrogram.methods), each imported when it is first asked for.

Kurigram has a module for each of 400 methods, called like it, with a class that its Client inherits from.
"""

import importlib
import pkgutil
from types import ModuleType
from typing import Any


def make_methods(package: ModuleType) -> type:
    """What Client inherits from in place of pyrogram.methods.Methods; `package` is pyrogram.methods.

    Other names that Kurigram has for a method are known once it was used by its own. `super()` finds none of them.
    """
    homes = _homes(package)

    def load(self: Any, name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        module = importlib.import_module(homes[name])
        found = [vars(one) for one in vars(module).values() if isinstance(one, type) and one.__module__ == homes[name]]
        for attributes in found:
            for key, value in attributes.items():
                if not key.startswith("__"):
                    setattr(methods, key, value)
        return getattr(self, name) if name in vars(methods) else object.__getattribute__(self, name)

    methods = type("Methods", (), {"__getattr__": load})
    return methods


def _homes(package: ModuleType) -> dict[str, str]:
    """The module of each method, by the method's name."""
    found = {}
    for group in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        paths = [f"{path}/{group.name.rpartition('.')[2]}" for path in package.__path__]
        for module in pkgutil.iter_modules(paths, f"{group.name}."):
            found[module.name.rpartition(".")[2]] = module.name
    return found
