"""Makes sentencepiece-*-1.model and sentencepiece-golden-1.json: small vocabularies and the ids that sentencepiece gives texts.

Run with sentencepiece 0.2.3: python make_sentencepiece_golden.py ../resources/dev/whetstone/models/text
"""
import io
import json
import pathlib
import random
import sys

import sentencepiece

SEED = 5
WORDS = "the order of twelve tins was sent to Berlin and Москва on time 订单 茶 很好 naïve café 123 1999 x-ray don't".split()
TEXTS = [
    "the order was sent", " the  order ", "the\n\norder\tof tins", "twelve 茶 订单", "ab cd zz 😀 é", "Москва 1999!", "", " ",
    "   three spaces   inside", "ﬁne ＡＢＣ ½", "don't x-ray\u00a0the", "a" * 40, "<0x41> <x>", "▁the ▁order", "e\u0301",
]
KINDS = {
    # As Llama 2 and ChatGLM3 were made, but for the size.
    "identity": dict(normalization_rule_name="identity", remove_extra_whitespaces=False, byte_fallback=True),
    "nfkc": dict(normalization_rule_name="nmt_nfkc", byte_fallback=True),
    "bare": dict(normalization_rule_name="identity", add_dummy_prefix=False, remove_extra_whitespaces=False, byte_fallback=True),
}


def main(folder):
    chooser = random.Random(SEED)
    corpus = [" ".join(chooser.choices(WORDS, k=12)) for _ in range(400)]
    golden = {"sentencepiece": sentencepiece.__version__, "seed": SEED, "texts": TEXTS, "ids": {}}
    for name, settings in KINDS.items():
        made = io.BytesIO()
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(corpus), model_writer=made, model_type="bpe", vocab_size=400, character_coverage=0.98,
            num_threads=1, split_digits=True, minloglevel=2, **settings,
        )
        (folder / f"sentencepiece-{name}-1.model").write_bytes(made.getvalue())
        model = sentencepiece.SentencePieceProcessor(model_proto=made.getvalue())
        golden["ids"][name] = [model.encode(text) for text in TEXTS]
    (folder / "sentencepiece-golden-1.json").write_text(json.dumps(golden, ensure_ascii=False, indent=1) + "\n")


main(pathlib.Path(sys.argv[1]))
