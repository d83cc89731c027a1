"""llama.cpp itself (the package xllamacpp) on a GGUF model, with or without an adapter: token ids of each prompt, and its greedy answer with
the log-probabilities of the likeliest tokens.

Arguments: model.gguf, adapter.gguf or - for none, a JSON list of prompts, the JSON file to write.
"""
import json
import os
import sys
import urllib.request

import xllamacpp

model, adapter, prompts, out = sys.argv[1:5]
parameters = xllamacpp.CommonParams()
parameters.model.path = model
parameters.n_ctx = 1024
parameters.n_parallel = 1
parameters.n_gpu_layers = 0
parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = os.cpu_count()
parameters.warmup = False
if adapter != "-":
    parameters.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(adapter, 1.0)]
server = xllamacpp.Server(parameters)


def post(path, body):
    request = urllib.request.Request(server.listening_address + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
    return json.load(urllib.request.urlopen(request))


answers = []
for text in json.load(open(prompts)):
    ids = post("/tokenize", {"content": text, "add_special": False, "parse_special": True})["tokens"]
    steps = []
    for _ in range(16):  # one by one: of a character's first bytes the server tells no probabilities
        asked = {"prompt": ids + [step[0][0] for step in steps], "n_predict": 1, "temperature": 0, "n_probs": 5, "ignore_eos": True}
        last = post("/completion", asked).get("completion_probabilities")
        if not last:
            break
        steps.append([(token["id"], token["logprob"]) for token in last[0]["top_logprobs"]])
    answers.append({"ids": ids, "steps": steps})
json.dump(answers, open(out, "w"))
