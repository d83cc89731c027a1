"""Near duplicates through the whole job: planted pairs of known Jaccard similarity, any partitions, any order of rows."""
import json
import random

# Words of a text, and for each level how many words at its end are others: shingles of 5 words, so a text of n words has n - 4
# of them and a tail of k others shares n - 4 - k. J = (n - 4 - k) / (n - 4 + k); n is chosen so that J is exact.
LEVELS = {0.95: (199, 5), 0.9: (194, 10), 0.8: (184, 20), 0.7: (174, 30), 0.5: (154, 50)}
PAIRS = 4000  # at each level: two points are over two standard deviations of the worst
BANDS, ROWS = 14, 8


def write(folder, seed=11):
    """Rows of pairs, in order and shuffled. A pair's texts share words with no other pair's."""
    random_words = random.Random(seed)
    rows = []
    for level, (words, tail) in LEVELS.items():
        for pair in range(PAIRS):
            text = [f"w{random_words.getrandbits(32):x}" for _ in range(words)]
            other = text[: words - tail] + [f"w{random_words.getrandbits(32):x}" for _ in range(tail)]
            for side, said in (("a", text), ("b", other)):
                # One word of an answer: what is compared is the question, and the answer's word at its end is shared or not by design.
                rows.append({"id": f"{level}-{pair}-{side}", "messages": [{"role": "user", "content": " ".join(said)}, {"role": "assistant", "content": "."}]})
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("ordered", "shuffled"):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        random.Random(seed + 1).shuffle(rows)
    return len(rows)


def recipe(folder, name, threshold):
    file = folder / f"{name}-{threshold}.yaml"
    file.write_text(
        f"""name: near
prepare:
  sources: [{{path: "{folder}/{name}.jsonl"}}]
  personal_data: keep
  rules: {{preset: none}}
  dedup: {{near: {{threshold: {threshold}, bands: {BANDS}, rows: {ROWS}}}}}
"""
    )
    return file


def curve(jaccard):
    return 1 - (1 - jaccard**ROWS) ** BANDS


def recall(dataset):
    """Share of the pairs at each level that are in one cluster; every edge said to be there must reach the threshold."""
    found = {level: 0 for level in LEVELS}
    least = 1.0
    for line in (dataset / "clusters.jsonl").read_text().splitlines():
        row = json.loads(line)
        if row["stays"]:
            continue
        level, pair, _ = row["id"].rsplit("-", 2)
        assert row["cluster"].rsplit("-", 2)[:2] == [level, pair], f"{row['id']} is in the cluster of {row['cluster']}"
        assert abs(row["jaccard"] - float(level)) < 1e-3, f"{row['id']}: planted {level}, found {row['jaccard']}"
        least = min(least, row["jaccard"])
        found[float(level)] += 1
    return {level: n / PAIRS for level, n in found.items()}, least
