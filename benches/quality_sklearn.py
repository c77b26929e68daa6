#!/usr/bin/env python3
"""What scikit-learn's default MLP and linear model reach on the sets of docs/quality.md.

    python3 benches/quality_sklearn.py [SEEDS]

A fifth of the rows is the test part, stratified for classes; features are standardized on the rest.
"""
import statistics
import sys
import warnings

from sklearn import datasets
from sklearn.compose import TransformedTargetRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

warnings.filterwarnings("ignore")
seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 11
print("| set | MLP (64) | linear model |")
print("|---|---:|---:|")
for name in ["digits", "breast_cancer", "wine", "iris", "diabetes"]:
    x, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    numbers = name == "diabetes"
    found = {"mlp": [], "linear": []}
    for seed in range(seeds):
        parts = train_test_split(x, y, test_size=0.2, random_state=seed, stratify=None if numbers else y)
        a, b, c, d = parts
        mlp = (MLPRegressor if numbers else MLPClassifier)(hidden_layer_sizes=(64,), random_state=seed)
        if numbers:
            # Targets of mean 0 and variance 1, as Spusk has them.
            mlp = TransformedTargetRegressor(mlp, transformer=StandardScaler())
        linear = Ridge() if numbers else LogisticRegression()
        for key, model in (("mlp", mlp), ("linear", linear)):
            found[key].append(make_pipeline(StandardScaler(), model).fit(a, c).score(b, d))
    print(f"| {name} | {statistics.median(found['mlp']):.4f} | {statistics.median(found['linear']):.4f} |", flush=True)
