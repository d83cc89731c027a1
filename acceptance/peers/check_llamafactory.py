"""LLaMA-Factory's own loader on a dataset of ours, as `file_name` (the folder data/) and as `tokenized_path`.

Arguments: a folder of hf-arrow splits with messages, one with tokens. Its multimodal libraries are replaced by nothing: no row
here has an image or a sound. LLaMA-Factory must be on PYTHONPATH.
"""
import importlib.machinery
import json
import os
import shutil
import sys
import tempfile
import types
import unittest.mock


class Nothing:
    """Finds the libraries that only images, sounds and web pages need, and makes nothing of them."""

    names = {"torchaudio", "torchvision", "av", "librosa", "omegaconf", "gradio", "modelscope", "einops", "fire"}

    def find_spec(self, name, path=None, target=None):
        return importlib.machinery.ModuleSpec(name, self) if name.split(".")[0] in self.names else None

    def create_module(self, spec):
        module = unittest.mock.MagicMock(name=spec.name)
        module.__spec__, module.__path__ = spec, []
        return module

    def exec_module(self, module):
        pass


sys.meta_path.append(Nothing())
import transformers.utils.import_utils  # noqa: E402

# Nothing has no version.
transformers.utils.import_utils.is_torchvision_greater_or_equal = lambda *asked, **more: True
from llamafactory.data import loader  # noqa: E402
from llamafactory.data.parser import DatasetAttr  # noqa: E402

messages, tokens = sys.argv[1:]
training = types.SimpleNamespace(local_process_index=0, should_log=False, seed=0)
cache = tempfile.mkdtemp()
model = types.SimpleNamespace(cache_dir=cache, hf_hub_token=None, ms_hub_token=None, om_hub_token=None)


def arguments(**more):
    return types.SimpleNamespace(**{
        "dataset_dir": messages, "preprocessing_num_workers": None, "streaming": False, "max_samples": None, "overwrite_cache": True,
        "image_dir": messages, "video_dir": messages, "audio_dir": messages, "media_dir": messages, "tokenized_path": None, **more,
    })


openai = DatasetAttr("file", dataset_name="train/data")
openai.formatting, openai.messages = "sharegpt", "messages"
for tag, name in (("role_tag", "role"), ("content_tag", "content"), ("user_tag", "user"), ("assistant_tag", "assistant"), ("system_tag", "system")):
    setattr(openai, tag, name)
openai.tools = None
rows = loader._load_single_dataset(openai, model, arguments(), training)
assert {"_prompt", "_response"} <= set(rows.column_names), rows.column_names
assert rows[0]["_prompt"][0]["role"] == "user" and rows[1]["_response"][0]["content"] == "在中国。", rows[1]

module = loader.get_dataset(None, model, arguments(tokenized_path=tokens), training, "sft", None)
assert set(module) == {"train_dataset", "eval_dataset"}, module
train, validation = module["train_dataset"], module["eval_dataset"]
assert {"input_ids", "labels"} <= set(train.column_names)
assert all(len(row["input_ids"]) == len(row["labels"]) for row in train)
assert not [name for name in os.listdir(os.path.join(messages, "train", "data")) if not name.endswith(".arrow")]
shutil.rmtree(cache)
print(json.dumps({"file_name_rows": len(rows), "tokenized_path_rows": [len(train), len(validation)]}))
