package dev.whetstone.eval;

import dev.whetstone.models.engine.LanguageModel;
import dev.whetstone.models.text.ChatTemplate;
import dev.whetstone.models.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.LongConsumer;

/** A model whose answers are hashes of token ids: any text, no weights, the same every time. */
final class HashingModel implements LanguageModel {
  private final Tokenizer tokenizer;
  private final Optional<ChatTemplate> chatTemplate;
  private final int maxLength;

  private static final int BATCH = 4;

  /** Requests of each batch, in order. */
  final List<Integer> batches = new ArrayList<>();

  /** Contexts and continuations that were asked for. */
  final List<ScoreRequest> scored = new ArrayList<>();

  final List<GenerateRequest> generated = new ArrayList<>();

  /** The batch, counted from 0, in which it is killed; below 0 for never. */
  int killedAt = -1;

  HashingModel(Tokenizer tokenizer, Optional<ChatTemplate> chatTemplate, int maxLength) {
    this.tokenizer = tokenizer;
    this.chatTemplate = chatTemplate;
    this.maxLength = maxLength;
  }

  @Override
  public Tokenizer tokenizer() {
    return tokenizer;
  }

  @Override
  public Optional<ChatTemplate> chatTemplate() {
    return chatTemplate;
  }

  @Override
  public int maxLength() {
    return maxLength;
  }

  @Override
  public void score(List<ScoreRequest> requests, Answers<Score> answers, LongConsumer progress) {
    inBatches(requests, answers, progress, this::score);
  }

  private Score score(ScoreRequest request) {
    scored.add(request);
    float[] logProbs = new float[request.continuation().length];
    int hash = Arrays.hashCode(request.context());
    for (int i = 0; i < logProbs.length; i++) {
      hash = 31 * hash + request.continuation()[i];
      logProbs[i] = -Math.floorMod(hash, 1000) / 97f;
    }
    return new Score(logProbs, hash % 2 == 0);
  }

  @Override
  public void generate(
      List<GenerateRequest> requests, Answers<Generation> answers, LongConsumer progress) {
    inBatches(requests, answers, progress, this::generate);
  }

  private Generation generate(GenerateRequest request) {
    generated.add(request);
    int hash = Math.floorMod(Arrays.hashCode(request.prompt()), 10);
    return new Generation(
        "{\"n\": " + hash + "}", new int[] {hash}, Finish.STOP_STRING, request.settings());
  }

  private <R, T> void inBatches(
      List<R> requests, Answers<T> answers, LongConsumer progress, Function<R, T> work) {
    for (int from = 0; from < requests.size(); from += BATCH) {
      var batch = new TreeMap<Integer, T>();
      int to = Math.min(requests.size(), from + BATCH);
      for (int i = from; i < to; i++) {
        if (!answers.has(i)) {
          batch.put(i, work.apply(requests.get(i)));
        }
      }
      if (!batch.isEmpty()) {
        if (batches.size() == killedAt) {
          throw new IllegalStateException("killed");
        }
        batches.add(batch.size());
        answers.add(batch);
      }
      progress.accept(to);
    }
  }

  @Override
  public void close() {}
}
