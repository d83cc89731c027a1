package dev.whetstone.models.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.models.engine.LanguageModel.Answers;
import dev.whetstone.models.engine.LanguageModel.GenerateRequest;
import dev.whetstone.models.engine.LanguageModel.Generation;
import dev.whetstone.models.engine.LanguageModel.Score;
import dev.whetstone.models.engine.LanguageModel.ScoreRequest;
import dev.whetstone.models.engine.testing.TinyModel;
import dev.whetstone.models.text.testing.TinyTokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that knows the first batches of another makes the remaining ones, to the same bits. */
class InterruptedAnswersTest {
  private static final int VOCABULARY = TinyTokenizer.vocabularySize();

  @TempDir private Path folder;

  /** Remembers batches as they come. */
  private static final class Batches<T> implements Answers<T> {
    private final Map<Integer, T> known = new HashMap<>();
    private final List<Map<Integer, T>> made = new ArrayList<>();

    @Override
    public boolean has(int request) {
      return known.containsKey(request);
    }

    @Override
    public void add(Map<Integer, T> batch) {
      made.add(Map.copyOf(batch));
      known.putAll(batch);
    }
  }

  private static <T> void resumesEverywhere(
      Consumer<Answers<T>> run, Function<T, List<Object>> bits, int requests) {
    var whole = new Batches<T>();
    run.accept(whole);
    assertThat(whole.known).hasSize(requests);
    assertThat(whole.made).as("batches to stop between").hasSizeGreaterThan(2);
    for (int kept = 0; kept <= whole.made.size(); kept++) {
      var resumed = new Batches<T>();
      whole.made.subList(0, kept).forEach(resumed.known::putAll);
      run.accept(resumed);
      assertThat(inBits(resumed.made, bits))
          .as("after %d batches", kept)
          .isEqualTo(inBits(whole.made.subList(kept, whole.made.size()), bits));
    }
  }

  private static <T> List<Map<Integer, List<Object>>> inBits(
      List<Map<Integer, T>> batches, Function<T, List<Object>> bits) {
    var all = new ArrayList<Map<Integer, List<Object>>>();
    for (Map<Integer, T> batch : batches) {
      var one = new HashMap<Integer, List<Object>>();
      batch.forEach((request, answer) -> one.put(request, bits.apply(answer)));
      all.add(one);
    }
    return all;
  }

  private static List<Object> bits(Score score) {
    var bits = new ArrayList<Object>(List.of(score.greedy()));
    for (float logProb : score.logProbs()) {
      bits.add(Float.floatToRawIntBits(logProb));
    }
    return bits;
  }

  @Test
  void scores() {
    ModelFolder model = TinyModel.write(folder, 3);
    for (long seed = 0; seed < 3; seed++) {
      var random = new Random(seed);
      var requests = new ArrayList<ScoreRequest>();
      for (int[] tokens : RandomRequests.sequences(random, 30, 120, VOCABULARY)) {
        int context = 1 + random.nextInt(tokens.length - 1);
        requests.add(
            new ScoreRequest(
                Arrays.copyOf(tokens, context),
                Arrays.copyOfRange(tokens, context, tokens.length)));
      }
      try (LoadedModel loaded = LoadedModel.open(model, Optional.empty(), 77, Numerics.FLOAT32)) {
        InterruptedAnswersTest.<Score>resumesEverywhere(
            answers -> loaded.score(requests, answers, done -> {}),
            InterruptedAnswersTest::bits,
            requests.size());
      }
    }
  }

  @Test
  void generations() {
    ModelFolder model = TinyModel.write(folder, 5);
    var random = new Random(5);
    var requests = new ArrayList<GenerateRequest>();
    for (int i = 0; i < 100; i++) {
      int[] prompt = random.ints(1 + random.nextInt(12), 0, VOCABULARY).toArray();
      requests.add(new GenerateRequest(prompt, 1 + random.nextInt(8), List.of()));
    }
    try (LoadedModel loaded = LoadedModel.open(model, Optional.empty())) {
      InterruptedAnswersTest.<Generation>resumesEverywhere(
          answers -> loaded.generate(requests, answers, done -> {}),
          made -> List.of(made.text(), Arrays.toString(made.tokens()), made.finish()),
          requests.size());
    }
  }
}
