"""TF-IDF of words and pairs of words with logistic regression: what anyone would try first.

    check_quality.py GOOD BAD FOLDS REPEATS
"""
import json
import sys

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import RepeatedStratifiedKFold, cross_validate
from sklearn.pipeline import make_pipeline

good, bad, folds, repeats = sys.argv[1:]
texts, labels = [], []
for file, label in ((good, 1), (bad, 0)):
    for line in open(file, encoding="utf-8"):
        row = json.loads(line)
        texts.append(row["prompt"] + "\n" + row["completion"])
        labels.append(label)
# C = 10 was the better of 1 and 10 on these rows.
classifier = make_pipeline(
    TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LogisticRegression(C=10, max_iter=1000)
)
cuts = RepeatedStratifiedKFold(n_splits=int(folds), n_repeats=int(repeats), random_state=0)
scores = cross_validate(classifier, texts, labels, cv=cuts, scoring=("accuracy", "roc_auc"))
print(
    json.dumps(
        {"rows": len(texts), "accuracy": scores["test_accuracy"].mean(), "roc_auc": scores["test_roc_auc"].mean()}
    )
)
