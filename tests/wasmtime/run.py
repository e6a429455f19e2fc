"""Runs a core in wasmtime, as a component and as the bare module, on a fresh instance for each text.

    run.py CORE COMPONENT < texts.json

Reads a JSON list of texts, writes a list of {"component": text, "module": text, "fuelUsed": number}. What traps is null.
"""
import json
import sys

import wasmtime
from wasmtime import component

# Of wasmtime's own metering, which runs beside the core's: more than any pass of a test takes.
ENGINE_FUEL = 10_000_000_000


def store(engine):
    made = wasmtime.Store(engine)
    made.set_fuel(ENGINE_FUEL)
    return made


def as_component(engine, compiled, text):
    own = store(engine)
    instance = component.Linker(engine).instantiate(own, compiled)
    reconcile = instance.get_func(own, "reconcile")
    try:
        return reconcile(own, text)
    except (wasmtime.Trap, wasmtime.WasmtimeError):
        return None


def as_module(engine, compiled, text):
    """What a host of the raw ABI does (docs/CONTRACT.md, A pass). Returns the plan and the fuel that the core counted."""
    own = store(engine)
    exports = wasmtime.Instance(own, compiled, []).exports(own)
    memory, fuel = exports["memory"], exports["toque:fuel"]
    whole = fuel.value(own)
    try:
        exports["_initialize"](own)
        data = text.encode("utf-16-le")
        address = exports["cabi_realloc"](own, 0, 0, 2, len(data)) & 0xFFFFFFFF
        memory.write(own, data, address)
        result = exports["reconcile"](own, address, len(data) // 2) & 0xFFFFFFFF
        pair = memory.read(own, result, result + 8)
        start, units = int.from_bytes(pair[:4], "little"), int.from_bytes(pair[4:], "little")
        plan = bytes(memory.read(own, start, start + 2 * units)).decode("utf-16-le")
        exports["cabi_post_reconcile"](own, result)
        return plan, whole - fuel.value(own)
    except wasmtime.Trap:
        return None, whole - fuel.value(own)


def main(core_file, component_file):
    config = wasmtime.Config()
    config.consume_fuel = True
    engine = wasmtime.Engine(config)
    module = wasmtime.Module.from_file(engine, core_file)
    wrapped = component.Component.from_file(engine, component_file)
    out = []
    for text in json.load(sys.stdin):
        plan, fuel_used = as_module(engine, module, text)
        out.append({"component": as_component(engine, wrapped, text), "module": plan, "fuelUsed": fuel_used})
    json.dump(out, sys.stdout)


main(*sys.argv[1:])
