package dev.whetstone.eval;

import dev.whetstone.models.engine.LanguageModel;
import dev.whetstone.models.text.ChatTemplate;
import dev.whetstone.models.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;

/** A model whose answers are hashes of token ids: any text, no weights, the same every time. */
final class HashingModel implements LanguageModel {
  private final Tokenizer tokenizer;
  private final Optional<ChatTemplate> chatTemplate;
  private final int maxLength;

  /** Requests of each call, in order. */
  final List<Integer> calls = new ArrayList<>();

  /** Contexts and continuations that were asked for. */
  final List<ScoreRequest> scored = new ArrayList<>();

  final List<GenerateRequest> generated = new ArrayList<>();

  /** The call, counted from 0, in which it is killed; below 0 for never. */
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
  public List<Score> score(List<ScoreRequest> requests, LongConsumer progress) {
    called(requests.size());
    scored.addAll(requests);
    var scores = new ArrayList<Score>();
    for (ScoreRequest request : requests) {
      float[] logProbs = new float[request.continuation().length];
      int hash = Arrays.hashCode(request.context());
      for (int i = 0; i < logProbs.length; i++) {
        hash = 31 * hash + request.continuation()[i];
        logProbs[i] = -Math.floorMod(hash, 1000) / 97f;
      }
      scores.add(new Score(logProbs, hash % 2 == 0));
      progress.accept(scores.size());
    }
    return scores;
  }

  @Override
  public List<Generation> generate(List<GenerateRequest> requests, LongConsumer progress) {
    called(requests.size());
    generated.addAll(requests);
    var texts = new ArrayList<Generation>();
    for (GenerateRequest request : requests) {
      int hash = Math.floorMod(Arrays.hashCode(request.prompt()), 10);
      texts.add(new Generation("{\"n\": " + hash + "}", new int[] {hash}, Finish.STOP_STRING));
      progress.accept(texts.size());
    }
    return texts;
  }

  private void called(int requests) {
    if (calls.size() == killedAt) {
      throw new IllegalStateException("killed");
    }
    calls.add(requests);
  }

  @Override
  public void close() {}
}
