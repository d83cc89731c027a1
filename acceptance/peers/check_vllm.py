"""Reads adapters with vLLM's own reader, and compares the updates that it would apply with PEFT's.

Arguments: model folder, folder with `vllm/lora` and `vllm/config/lora.py` of its wheel, adapter folders. Prints for each whether it is refused
and why, its modules, the worst relative difference of an update, and the command of its card. Only the reader is vLLM's: its layers, which
need a GPU, are stand-ins.
"""
import ast
import importlib.abc
import importlib.machinery
import json
import logging
import pathlib
import re
import sys
import types
from unittest import mock

import peft
import torch
import transformers

READER = {"vllm.lora.peft_helper", "vllm.lora.utils", "vllm.lora.lora_model", "vllm.lora.lora_weights"}
PACKAGES = {"vllm", "vllm.lora"}
# What vLLM replaces in a Llama: vllm/model_executor/models/llama.py, packed_modules_mapping, and the layers that are not packed.
EXPECTED = {"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj", "embed_tokens", "lm_head"}


class StandIns(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Modules of vLLM that the reader imports and does not need on a CPU."""

    def __init__(self, sources):
        self.sources = sources

    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] != "vllm":
            return None
        if name in READER:
            file = self.sources / (name.replace(".", "/") + ".py")
            return importlib.machinery.ModuleSpec(name, importlib.machinery.SourceFileLoader(name, str(file)), origin=str(file))
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        if spec.name in PACKAGES:
            return types.ModuleType(spec.name)
        module = mock.MagicMock(name=spec.name)
        module.__path__, module.__spec__ = [], spec
        return module

    def exec_module(self, module):
        if module.__name__ == "vllm.utils.torch_utils":
            module.PIN_MEMORY = False
        if module.__name__ == "vllm.logger":
            module.init_logger = lambda name: mock.MagicMock(spec_set=["info_once", *dir(logging.getLogger(name))])


def ranks(sources):
    """What its configuration takes as the largest rank."""
    tree = ast.parse((sources / "vllm/config/lora.py").read_text())
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "MaxLoRARanks":
            return [element.value for element in node.value.slice.elts]
    raise ValueError("vllm/config/lora.py names no MaxLoRARanks")


def updates(folder, base):
    """PEFT's by module, [out, in]."""
    model = peft.PeftModel.from_pretrained(transformers.AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32), folder)
    return {
        name.removeprefix("base_model.model."): module.get_delta_weight("default")
        for name, module in model.named_modules() if getattr(module, "lora_A", None)
    }


def read(folder, base, allowed):
    from vllm.lora.lora_model import LoRAModel
    from vllm.lora.peft_helper import PEFTHelper

    serve = re.search(r"vllm serve .*--max-lora-rank (\d+).*", (pathlib.Path(folder) / "README.md").read_text())
    rank = int(serve[1]) if serve else max(allowed)
    found = {"serve": serve[0] if serve else None, "refused": None}
    assert rank in allowed, f"the card names a rank that vLLM does not take: {rank}"
    try:
        helper = PEFTHelper.from_local_dir(folder, None)
        helper.validate_legal(types.SimpleNamespace(max_lora_rank=rank))
        loaded = LoRAModel.from_local_checkpoint(folder, EXPECTED, helper, device="cpu", dtype=torch.float32)
    except ValueError as refused:
        return found | {"refused": str(refused)}
    expected = updates(folder, base)
    worst = 0.0
    for name, update in expected.items():
        ours = loaded.loras[name].lora_b @ loaded.loras[name].lora_a * loaded.loras[name].scaling
        worst = max(worst, ((ours - update).norm() / update.norm()).item())
    return found | {"modules": len(loaded.loras), "adapted_modules": len(expected), "worst_relative_difference": worst}


def main():
    base, sources, folders = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3:]
    sys.meta_path.insert(0, StandIns(sources))
    allowed = ranks(sources)
    print(json.dumps({pathlib.Path(folder).parent.name: read(folder, base, allowed) for folder in folders}))


main()
