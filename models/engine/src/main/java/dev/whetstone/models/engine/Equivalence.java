package dev.whetstone.models.engine;

import ai.djl.ndarray.NDManager;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.model.AdapterFolder;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.artifacts.tensors.Dtype;
import dev.whetstone.artifacts.tensors.HalfPrecision;
import dev.whetstone.artifacts.tensors.TensorSource;
import dev.whetstone.models.engine.Decoder.Keep;
import dev.whetstone.models.engine.LanguageModel.GenerateRequest;
import dev.whetstone.models.engine.LanguageModel.Generation;
import dev.whetstone.models.engine.family.DecoderConfig;
import dev.whetstone.models.text.Tokenizer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.LongStream;

/**
 * How near an adapter's exports are to the adapter itself, all computed in float32. The adapter is
 * applied as evaluation does it, merged into the weights in memory.
 *
 * @param merged as a merged folder: the same, up to the rounding of sums
 * @param bfloat16 the same with every weight rounded to bfloat16, as {@code export --to
 *     safetensors-bf16} writes it
 */
public record Equivalence(Difference merged, Difference bfloat16) {
  /**
   * Of one form against the adapter.
   *
   * @param positions predictions that were compared
   * @param maxNats largest difference of the log-probability of the token that follows
   * @param meanNats mean of these differences' absolute values
   * @param sameGreedy positions at which the same token is the most probable one
   * @param continuations greedy answers that were compared, one a probe
   * @param newTokens most tokens of an answer
   * @param sameContinuations answers that are the same token by token
   */
  public record Difference(
      long positions,
      double maxNats,
      double meanNats,
      long sameGreedy,
      int continuations,
      int newTokens,
      int sameContinuations) {
    /** Share of positions at which the same token is the most probable one. */
    public double greedyAgreement() {
      return (double) sameGreedy / positions;
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "log-probabilities differ by %.2e nats at most, %.2e in the mean; %d of %d next tokens"
              + " and %d of %d answers of %d tokens are the same",
          maxNats,
          meanNats,
          sameGreedy,
          positions,
          sameContinuations,
          continuations,
          newTokens);
    }
  }

  /** What one form computes, probe after probe. */
  private record Outcome(List<float[]> logProbs, List<long[]> greedy, List<int[]> answers) {}

  /**
   * Loads the model three times, one after the other.
   *
   * @param probes token ids of texts, each of at least two tokens and no longer than the context
   * @param newTokens of the greedy answer to each probe, at least 1
   * @throws BadInputException if the adapter does not fit, or a probe is too short or too long
   */
  public static Equivalence measure(
      ModelFolder model, AdapterFolder adapter, List<int[]> probes, int newTokens) {
    DecoderConfig config = DecoderConfig.of(model);
    for (int[] probe : probes) {
      if (probe.length < 2 || probe.length > config.maxPositions()) {
        throw new BadInputException(
            "a probe has %d tokens, expected between 2 and the model's context of %d."
                .formatted(probe.length, config.maxPositions()));
      }
    }
    if (probes.isEmpty()) {
      throw new BadInputException("expected at least one probe to compare by, found none.");
    }
    Outcome applied =
        outcome(
            Decoder.load(model, Optional.of(adapter), Numerics.FLOAT32), model, probes, newTokens);
    try (TensorSource pairs = adapter.tensors();
        TensorSource weights = model.weights()) {
      DecoderConfig merged = new MergedTensors(weights, model, pairs, adapter).config(config);
      Outcome whole =
          outcome(
              Decoder.load(model, merged, files -> new MergedTensors(files, model, pairs, adapter)),
              model,
              probes,
              newTokens);
      Outcome rounded =
          outcome(
              Decoder.load(
                  model,
                  merged,
                  files -> new Rounded(new MergedTensors(files, model, pairs, adapter))),
              model,
              probes,
              newTokens);
      return new Equivalence(
          difference(applied, whole, newTokens), difference(applied, rounded, newTokens));
    }
  }

  /** Takes over {@code decoder}. */
  private static Outcome outcome(
      Decoder decoder, ModelFolder model, List<int[]> probes, int newTokens) {
    var logProbs = new ArrayList<float[]>();
    var greedy = new ArrayList<long[]>();
    Tokenizer tokenizer = Tokenizer.open(model.path());
    Set<Integer> ends = LoadedModel.ends(model, tokenizer);
    try (var loaded =
        new LoadedModel(decoder, tokenizer, Optional.empty(), ends, LoadedModel.DEFAULT_BUDGET)) {
      for (int[] probe : probes) {
        Decoder.Read read = read(decoder, probe);
        logProbs.add(read.logProbs());
        greedy.add(read.greedy());
      }
      List<Generation> answers =
          loaded.generate(
              probes.stream()
                  .map(probe -> new GenerateRequest(probe, newTokens, List.of()))
                  .toList(),
              done -> {});
      return new Outcome(logProbs, greedy, answers.stream().map(Generation::tokens).toList());
    }
  }

  private static Decoder.Read read(Decoder decoder, int[] probe) {
    decoder.check(probe);
    int fed = probe.length - 1;
    var positions = new int[fed];
    var parents = new int[fed];
    for (int i = 0; i < fed; i++) {
      positions[i] = i;
      parents[i] = i - 1;
    }
    long[] all = LongStream.range(0, fed).toArray();
    long[] next = Arrays.stream(probe, 1, probe.length).asLongStream().toArray();
    var row = new TreeRow(Arrays.copyOf(probe, fed), positions, parents);
    try (NDManager scope = decoder.newScope()) {
      return decoder.tree(row, decoder.noPrefix(scope), all, all, next, Keep.NOTHING, fed, scope);
    }
  }

  private static Difference difference(Outcome applied, Outcome other, int newTokens) {
    double max = 0;
    double sum = 0;
    long positions = 0;
    long same = 0;
    int sameAnswers = 0;
    int probes = applied.logProbs().size();
    for (int p = 0; p < probes; p++) {
      float[] expected = applied.logProbs().get(p);
      for (int i = 0; i < expected.length; i++) {
        double apart = Math.abs((double) expected[i] - other.logProbs().get(p)[i]);
        max = Math.max(max, apart);
        sum += apart;
        same += applied.greedy().get(p)[i] == other.greedy().get(p)[i] ? 1 : 0;
      }
      positions += expected.length;
      sameAnswers += Arrays.equals(applied.answers().get(p), other.answers().get(p)) ? 1 : 0;
    }
    return new Difference(positions, max, sum / positions, same, probes, newTokens, sameAnswers);
  }

  /** Tensors rounded to bfloat16 as they are read; the source stays the caller's. */
  private record Rounded(TensorSource source) implements TensorSource {
    @Override
    public Set<String> names() {
      return source.names();
    }

    @Override
    public List<Long> shape(String name) {
      return source.shape(name);
    }

    @Override
    public Dtype dtype(String name) {
      return Dtype.F32;
    }

    @Override
    public void read(String name, long first, FloatBuffer into) {
      int start = into.position();
      source.read(name, first, into);
      for (int i = start; i < into.position(); i++) {
        into.put(i, HalfPrecision.fromBfloat16(HalfPrecision.toBfloat16(into.get(i))));
      }
    }

    @Override
    public void close() {}
  }
}
