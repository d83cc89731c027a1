package dev.whetstone.eval.prompt;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.eval.python.PythonRandom;
import dev.whetstone.eval.task.Benchmark;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Draws the shots of document after document: one generator for the whole task, so documents must
 * be asked for in their order. As {@code lm_eval/api/samplers.py} on one process.
 */
final class Shots {
  private final Benchmark benchmark;
  private final PythonRandom random;

  Shots(Benchmark benchmark, long seed) {
    this.benchmark = benchmark;
    this.random = new PythonRandom(seed);
  }

  /** {@code n} shots for {@code document}, which is never among them. */
  List<Map<String, Object>> draw(int n, Map<String, Object> document) {
    if (n == 0) {
      return List.of();
    }
    List<Map<String, Object>> pool = benchmark.shots();
    boolean firstN = benchmark.task().fewshot().sampler().equals("first_n");
    if (!benchmark.excludesItself()) {
      return firstN ? first(pool, n) : at(pool, sample(pool, n));
    }
    if (firstN) {
      return first(without(document, pool), n);
    }
    // One more than needed, in case the document itself is drawn.
    List<Map<String, Object>> drawn = without(document, at(pool, sample(pool, n + 1)));
    if (drawn.size() < n) { // several equal documents were drawn
      List<Map<String, Object>> others = without(document, pool);
      return at(others, sample(others, n));
    }
    return drawn.subList(0, n);
  }

  private int[] sample(List<Map<String, Object>> pool, int n) {
    need(pool, n);
    return random.sample(pool.size(), n);
  }

  private List<Map<String, Object>> first(List<Map<String, Object>> pool, int n) {
    need(pool, n);
    return pool.subList(0, n);
  }

  private void need(List<Map<String, Object>> pool, int n) {
    if (n > pool.size()) {
      throw new BadInputException(
          "%s: %d shots are asked for, the few-shot split has %d documents to choose from; lower --num-fewshot."
              .formatted(benchmark.task().file(), n, pool.size()));
    }
  }

  private static List<Map<String, Object>> without(
      Map<String, Object> document, List<Map<String, Object>> pool) {
    return pool.stream().filter(other -> !other.equals(document)).toList();
  }

  private static List<Map<String, Object>> at(List<Map<String, Object>> pool, int[] places) {
    var chosen = new ArrayList<Map<String, Object>>();
    for (int place : places) {
      chosen.add(pool.get(place));
    }
    return chosen;
  }
}
