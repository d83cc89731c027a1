package dev.whetstone.eval;

import dev.whetstone.artifacts.Ancestor;
import dev.whetstone.models.engine.LanguageModel;
import dev.whetstone.models.engine.Numerics;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What is evaluated: a model, with or without an adapter, before it is loaded. */
interface Candidate {
  /** Where it lies, by lm-eval's names: {@code pretrained}, {@code peft}. */
  Map<String, String> modelArgs();

  /** Content hash by role: {@code model}, {@code adapter}. */
  Map<String, String> inputs();

  /** Oldest first; ends with the model and, where one is used, the adapter. */
  List<Ancestor> lineage();

  /** Weights of the model, without the adapter's. */
  long parameters();

  /** Source of the chat template. */
  Optional<String> chatTemplate();

  /**
   * Loads it. The caller closes it.
   *
   * @param tokenBudget tokens of one forward pass
   * @param numerics in which types it is computed
   */
  LanguageModel open(int tokenBudget, Numerics numerics);
}
