package dev.whetstone.training.loop;

import dev.whetstone.models.engine.TrainableModel;
import dev.whetstone.models.engine.TrainableModel.PackedRow;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/** The examples of a split, and what an objective does with some of them. */
public interface Work {
  /** Packs, pairs or labelled answers. */
  int examples();

  /** Tokens that an example feeds to the model, its base not counted. */
  default long tokens(int example) {
    return rows(example).stream().mapToLong(row -> row.tokens().length).sum();
  }

  /** Targets of an example. */
  default long targets(int example) {
    return rows(example).stream().mapToLong(row -> row.targets().length).sum();
  }

  /** Tokens that an example may have, where examples are packs; else 0. */
  default int length() {
    return 0;
  }

  /** Tokens of the largest forward pass. */
  long passTokens();

  /** This work with so many examples in one pass, where that is a choice: packs. */
  default Work atOnce(int examples) {
    return this;
  }

  /** What an example feeds to the model, document by document: for checks before a run. */
  List<PackedRow> rows(int example);

  /** Ids of the rows that an example consists of, for people who look for them. */
  List<String> rowIds(int example);

  /** How many examples are labelled good; empty where examples have no labels. */
  default OptionalInt goodExamples() {
    return OptionalInt.empty();
  }

  /**
   * What was computed.
   *
   * @param lossNats mean over the examples as the objective defines it
   * @param more by name, such as {@code margin}
   */
  record Outcome(double lossNats, Map<String, Double> more) {}

  /**
   * Runs forward and backward over examples, and adds the gradients of their mean loss.
   *
   * @param key what random numbers depend on, and nothing else
   */
  Outcome accumulate(TrainableModel model, List<Integer> examples, long key);

  /** Tokens of the longest example. */
  default long longest() {
    return IntStream.range(0, examples()).mapToLong(this::tokens).max().orElse(0);
  }

  /** Runs forward over examples, without dropout and noise. */
  Outcome measure(TrainableModel model, List<Integer> examples);
}
