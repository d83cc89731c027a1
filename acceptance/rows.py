"""Raw rows for prepare out of nothing but a seed: orders in two languages, dirty as life is, and the recipe that cleans them."""
import json
import pathlib
import random

VERBS = ["send", "deliver", "pack", "bring", "ship", "load", "sort", "keep", "hold", "return", "weigh", "label"]
THINGS = ["crates", "boxes", "pallets", "barrels", "sacks", "bottles", "marbles", "lamps", "ropes", "tiles", "bricks", "panes"]
PLACES = ["harbour", "gate", "station", "market", "mill", "bakery", "school", "garage", "tower", "bridge", "depot", "farm"]
CHINESE = "请把今天早上收到的第{}批货物在下午{}点以前送到{}号仓库，谢谢。"


def write(file, count, seed):
    """JSON Lines: about one row in twelve is a duplicate, near duplicate, broken or has an address in it."""
    draw = random.Random(seed)
    lines = []
    for number in range(count):
        words = [draw.choice(VERBS), str(draw.randrange(2, 900)), draw.choice(THINGS), "to the", draw.choice(PLACES)]
        words += [draw.choice(VERBS + THINGS + PLACES) + str(draw.randrange(30)) for _ in range(draw.randrange(15, 60))]
        text = " ".join(words) if number % 5 else CHINESE.format(number, draw.randrange(1, 12), draw.randrange(99)) + " ".join(words)
        turns = [{"role": "user", "content": text}, {"role": "assistant", "content": json.dumps({"thing": words[2], "count": words[1]})}]
        kind = draw.randrange(60)
        if kind == 0 and lines:
            lines.append(draw.choice(lines))
            continue
        if kind == 1:
            lines.append('{"messages": [{"role": "user"')
            continue
        if kind == 2:
            turns[0]["content"] += " or write to jo.doe@example.com"
        if kind == 3:
            lines.append(json.dumps({"messages": turns}, ensure_ascii=False))
            turns[0]["content"] += " !"
        lines.append(json.dumps({"messages": turns}, ensure_ascii=False))
    pathlib.Path(file).write_text("\n".join(lines) + "\n", encoding="utf-8")


def recipe(file, raw, model, **prepare):
    """JSON is YAML."""
    section = {"sources": [{"path": str(raw)}], "max_length": 512, "split": {"train": 0.9, "validation": 0.1}, "seed": 3, **prepare}
    pathlib.Path(file).write_text(json.dumps({"name": "rows", "model": str(model), "prepare": section}))
    return file
