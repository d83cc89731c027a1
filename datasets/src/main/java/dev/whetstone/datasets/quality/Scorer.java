package dev.whetstone.datasets.quality;

import java.util.List;

/** Tells good texts from bad ones. Threads may share one. */
public interface Scorer {
  /** Log-odds that each text is good, [N], before calibration. The batch does not matter. */
  float[] logits(List<SparseText> texts);
}
