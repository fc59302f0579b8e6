"""The classes of Kurigram and the methods of its client are imported when they are used, and each is found."""

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.support.proof import full

STEP = 1 if full() else 10
"""Of so many classes one is looked at."""

NO_METHODS = ("handler_type", "unbound_arguments", "compose", "idle")
"""Modules beside those of the client's methods."""

PROGRAM = """
import importlib, inspect, json, pkgutil, re, sys
import streamvault.telegram
from pyrogram import raw
from pyrogram.raw.all import objects

def loaded():
    return sum(name.startswith("pyrogram.raw.") for name in sys.modules)

at_start, wrong, missing = loaded(), [], []
for kind in (raw.types, raw.functions, raw.base):
    found = sorted(info.name for info in pkgutil.walk_packages(kind.__path__, kind.__name__ + ".") if not info.ispkg)
    for name in found[::STEP]:
        package, _, _ = name.rpartition(".")
        values = vars(importlib.import_module(name)).values()
        [one] = [value for value in values if getattr(value, "__module__", "") == name]
        if getattr(importlib.import_module(package), one.__name__) is not one:
            wrong.append(name)
        if hasattr(one, "ID") and not (one.ID in objects and objects[one.ID] is one is objects.get(one.ID)):
            wrong.append(hex(one.ID))
import pyrogram.methods
from pyrogram import Client, types

def modules(package):
    found = pkgutil.walk_packages(package.__path__, package.__name__ + ".")
    return sorted(info.name for info in found if not info.ispkg)[::STEP]

imported = sum(name.startswith(("pyrogram.methods.", "pyrogram.types.")) for name in sys.modules)
client = object.__new__(Client)
for module in modules(pyrogram.methods):
    name = module.rpartition(".")[2]
    if name not in NO_METHODS and getattr(client, name).__func__.__module__ != module:
        wrong.append(module)
for name in re.findall('^    "([A-Za-z]+)",$', inspect.getsource(types), re.MULTILINE)[::STEP]:
    if not getattr(types, name).__module__.startswith("pyrogram.types."):
        wrong.append(name)
for ask in (lambda: client.nonsense, lambda: types.Nonsense,
            lambda: raw.types.Nonsense, lambda: raw.types.messages.Nonsense, lambda: objects[1]):
    try:
        missing.append(repr(ask()))
    except (AttributeError, KeyError) as error:
        missing.append(type(error).__name__)
print(json.dumps({"at_start": at_start, "at_end": loaded(), "wrong": wrong, "missing": missing,
                  "imported": imported, "unknown": [1 in objects, objects.get(1)]}))
"""


@pytest.fixture(scope="module")
def said() -> Any:
    program = f"STEP, NO_METHODS = {STEP}, {NO_METHODS}\n{PROGRAM}"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    return json.loads(done.stdout)


def test_importing_kurigram_imports_few_of_the_classes(said: Any) -> None:
    assert said["at_start"] < 400
    assert said["imported"] < 100


def test_every_class_and_method_is_found_by_its_name_and_its_id(said: Any) -> None:
    assert said["at_end"] > 3000 / STEP
    assert said["wrong"] == []


def test_what_the_schema_does_not_have_is_missing(said: Any) -> None:
    assert said["missing"] == [*["AttributeError"] * 4, "KeyError"]
    assert said["unknown"] == [False, None]
