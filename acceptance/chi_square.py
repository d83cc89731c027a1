"""Whether counted draws fit a distribution."""
import math

# Rarer than one in 100,000 under the distribution itself is taken for another distribution.
Z = 4.265
# Cells that expect fewer draws are put together (Cochran, Biometrics 10(4), 1954).
LEAST_EXPECTED = 5


def fit(counts, probabilities):
    """Pearson's statistic, its bound (Wilson and Hilferty, PNAS 17(12), 1931) and degrees of freedom.

    counts and probabilities by token; what is drawn although it has no probability makes the statistic infinite.
    """
    draws = sum(counts.values())
    statistic, cells, rest_counted, rest_expected = 0.0, 0, 0, 0.0
    for token in counts.keys() | probabilities.keys():
        counted, expected = counts.get(token, 0), draws * probabilities.get(token, 0)
        if expected >= LEAST_EXPECTED:
            statistic += (counted - expected) ** 2 / expected
            cells += 1
        else:
            rest_counted, rest_expected = rest_counted + counted, rest_expected + expected
            if counted and not expected:
                statistic = math.inf
    if rest_expected >= LEAST_EXPECTED:
        statistic += (rest_counted - rest_expected) ** 2 / rest_expected
        cells += 1
    freedom = cells - 1
    spread = 2 / (9 * freedom)
    return statistic, freedom * (1 - spread + Z * math.sqrt(spread)) ** 3, freedom
