package dev.whetstone.models.engine;

import ai.djl.ndarray.NDManager;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.tensors.HalfPrecision;
import dev.whetstone.models.engine.Decoder.Keep;
import dev.whetstone.models.engine.Decoder.Prefix;
import dev.whetstone.models.engine.LanguageModel.Answers;
import dev.whetstone.models.engine.LanguageModel.Score;
import dev.whetstone.models.engine.LanguageModel.ScoreRequest;
import dev.whetstone.models.engine.PrefixPlan.Step;
import dev.whetstone.models.engine.PrefixPlan.Wanted;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.function.LongConsumer;

/**
 * Scores continuations by a {@link PrefixPlan}: of context and continuation the last {@code
 * maxLength + 1} tokens count, all but the last are fed (lm-evaluation-harness 0.4.13,
 * models/huggingface.py, {@code _loglikelihood_tokens}).
 */
final class TrieScoring {
  private final Decoder decoder;
  private final List<int[]> whole = new ArrayList<>(); // context and continuation
  private final int[] firstWanted;
  private final float[][] logProbs;
  private final boolean[] greedy;
  private final int[] left; // continuation tokens that are not scored yet
  private final Answers<Score> answers;
  private final LongConsumer progress;
  private long done;

  private TrieScoring(
      Decoder decoder, List<ScoreRequest> requests, Answers<Score> answers, LongConsumer progress) {
    this.decoder = decoder;
    this.answers = answers;
    this.progress = progress;
    this.firstWanted = new int[requests.size()];
    this.logProbs = new float[requests.size()][];
    this.greedy = new boolean[requests.size()];
    this.left = new int[requests.size()];
    for (int i = 0; i < requests.size(); i++) {
      int[] tokens = tokens(requests.get(i), decoder.config().maxPositions());
      decoder.check(tokens);
      int scored = requests.get(i).continuation().length;
      whole.add(tokens);
      firstWanted[i] = tokens.length - scored - 1;
      logProbs[i] = new float[scored];
      greedy[i] = true;
      left[i] = scored;
      done += answers.has(i) ? 1 : 0;
    }
  }

  /**
   * @param budget most tokens of a forward pass
   * @throws BadInputException if a continuation alone exceeds the context
   */
  static void score(
      Decoder decoder,
      List<ScoreRequest> requests,
      int budget,
      Answers<Score> answers,
      LongConsumer progress) {
    var scoring = new TrieScoring(decoder, requests, answers, progress);
    // Texts whose rotary embeddings turn alike can share prefixes: with most kinds these are all.
    var byRegime = new TreeMap<Integer, List<Integer>>();
    for (int i = 0; i < requests.size(); i++) {
      int regime = decoder.config().rotary().regime(scoring.fed(i));
      byRegime.computeIfAbsent(regime, k -> new ArrayList<>()).add(i);
    }
    byRegime.values().forEach(members -> scoring.score(members, budget));
  }

  private Score score(int request) {
    float[] all = logProbs[request];
    if (!decoder.isBfloat16()) {
      return new Score(all, greedy[request]);
    }
    // torch adds bfloat16 numbers up in float32 and rounds the sum.
    float sum = 0;
    for (float logProb : all) {
      sum += logProb;
    }
    float rounded = HalfPrecision.fromBfloat16(HalfPrecision.toBfloat16(sum));
    return new Score(all, greedy[request], rounded);
  }

  private int fed(int request) {
    return whole.get(request).length - 1;
  }

  private void score(List<Integer> members, int budget) {
    List<int[]> fed = members.stream().map(i -> Arrays.copyOf(whole.get(i), fed(i))).toList();
    int[] first = members.stream().mapToInt(i -> firstWanted[i]).toArray();
    PrefixPlan plan = PrefixPlan.of(fed, first, budget);
    int context = fed(members.get(0));
    try (NDManager scope = decoder.newScope()) {
      Prefix none = decoder.noPrefix(scope);
      plan.steps().forEach(step -> run(step, none, members, context));
    }
  }

  /** Context and continuation, cut at the left to the longest that the model can score. */
  static int[] tokens(ScoreRequest request, int maxLength) {
    int context = request.context().length;
    int continuation = request.continuation().length;
    if (context == 0 || continuation == 0) {
      throw new BadInputException(
          "a request to score has %d context and %d continuation tokens; each needs at least one."
              .formatted(context, continuation));
    }
    if (continuation > maxLength) {
      throw new BadInputException(
          "a continuation has %d tokens, the model's context %d."
              .formatted(continuation, maxLength));
    }
    int[] tokens = Arrays.copyOf(request.context(), context + continuation);
    System.arraycopy(request.continuation(), 0, tokens, context, continuation);
    return Arrays.copyOfRange(tokens, Math.max(0, tokens.length - maxLength - 1), tokens.length);
  }

  /** Whether an answer is missing that this step or one below it takes part in. */
  private boolean isNeeded(Step step, List<Integer> members) {
    return step.wanted().stream().anyMatch(wanted -> !answers.has(members.get(wanted.sequence())))
        || step.children().stream().anyMatch(child -> isNeeded(child, members));
  }

  /**
   * @param members requests by the plan's indices
   * @param context tokens of one of their texts
   */
  private void run(Step step, Prefix prefix, List<Integer> members, int context) {
    if (!isNeeded(step, members)) {
      return;
    }
    List<Wanted> wanted =
        step.wanted().stream().sorted(Comparator.comparingInt(Wanted::row)).toList();
    long[] at = wanted.stream().mapToLong(Wanted::row).distinct().toArray();
    var rows = new long[wanted.size()];
    var targets = new long[wanted.size()];
    for (int i = 0, n = -1, row = -1; i < rows.length; i++) {
      Wanted read = wanted.get(i);
      if (read.row() != row) {
        row = read.row();
        n++;
      }
      rows[i] = n;
      targets[i] = whole.get(members.get(read.sequence()))[read.position() + 1];
    }
    try (NDManager scope = decoder.newScope()) {
      Keep keep = step.children().isEmpty() ? Keep.NOTHING : Keep.ALL;
      Decoder.Read read = decoder.tree(step.row(), prefix, at, rows, targets, keep, context, scope);
      var made = new TreeMap<Integer, Score>();
      for (int i = 0; i < rows.length; i++) {
        int sequence = members.get(wanted.get(i).sequence());
        int index = wanted.get(i).position() - firstWanted[sequence];
        logProbs[sequence][index] = read.logProbs()[i];
        greedy[sequence] &= read.greedy()[(int) rows[i]] == targets[i];
        if (--left[sequence] == 0 && !answers.has(sequence)) {
          made.put(sequence, score(sequence));
        }
      }
      if (!made.isEmpty()) { // a shared prefix alone answers nothing
        done += made.size();
        answers.add(made);
      }
      progress.accept(done);
      read.kept()
          .ifPresent(kept -> step.children().forEach(child -> run(child, kept, members, context)));
    }
  }
}
