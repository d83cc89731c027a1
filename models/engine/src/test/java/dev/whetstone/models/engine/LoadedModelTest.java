package dev.whetstone.models.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.models.engine.LanguageModel.Finish;
import dev.whetstone.models.engine.LanguageModel.GenerateRequest;
import dev.whetstone.models.engine.LanguageModel.Generation;
import dev.whetstone.models.engine.LanguageModel.Score;
import dev.whetstone.models.engine.LanguageModel.ScoreRequest;
import dev.whetstone.models.engine.testing.TinyModel;
import dev.whetstone.models.text.testing.TinyTokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoadedModelTest {
  private static final int VOCABULARY = TinyTokenizer.vocabularySize();
  private static final int END = VOCABULARY - 1;

  @TempDir private Path folder;

  private static ScoreRequest split(int[] tokens, int context) {
    return new ScoreRequest(
        Arrays.copyOf(tokens, context), Arrays.copyOfRange(tokens, context, tokens.length));
  }

  @Test
  void scoresAreThoseOfPlainLoopsWhateverIsShared() {
    for (long seed = 0; seed < 4; seed++) {
      var random = new Random(seed);
      ModelFolder model = TinyModel.write(folder.resolve("m" + seed), seed, seed % 2 == 0);
      var naive = new NaiveDecoder(model);
      List<int[]> sequences = RandomRequests.sequences(random, 30, 120, VOCABULARY);
      List<ScoreRequest> requests =
          sequences.stream().map(s -> split(s, 1 + random.nextInt(s.length - 1))).toList();
      for (int budget : new int[] {32, 77, 512}) {
        try (LoadedModel loaded =
            LoadedModel.open(model, Optional.empty(), budget, Numerics.FLOAT32)) {
          var done = new ArrayList<Long>();
          List<Score> scores = loaded.score(requests, done::add);
          assertThat(done).last().isEqualTo((long) requests.size());
          for (int i = 0; i < scores.size(); i++) {
            double[][] expected = naive.logProbs(sequences.get(i));
            int context = requests.get(i).context().length;
            boolean greedy = true;
            for (int c = 0; c < scores.get(i).logProbs().length; c++) {
              double[] after = expected[context + c - 1];
              int token = sequences.get(i)[context + c];
              greedy &= Arrays.stream(after).max().orElseThrow() == after[token];
              assertThat((double) scores.get(i).logProbs()[c])
                  .as("seed %d, budget %d, request %d, token %d", seed, budget, i, c)
                  .isCloseTo(after[token], within(1e-4));
            }
            assertThat(scores.get(i).greedy()).isEqualTo(greedy);
          }
        }
      }
    }
  }

  @Test
  void aRequestLongerThanTheContextKeepsItsLastTokens() {
    ModelFolder model = TinyModel.write(folder, 1);
    int[] tokens = new Random(1).ints(TinyModel.CONTEXT + 40, 0, VOCABULARY).toArray();
    int[] kept = Arrays.copyOfRange(tokens, 39, tokens.length);
    try (LoadedModel loaded = LoadedModel.open(model, Optional.empty())) {
      List<Score> scores =
          loaded.score(
              List.of(split(tokens, tokens.length - 5), split(kept, kept.length - 5)), done -> {});
      assertThat(scores.get(0).sum()).isCloseTo(scores.get(1).sum(), within(1e-4));
    }
  }

  private static int[] naiveGreedy(NaiveDecoder naive, int[] prompt, int most) {
    int[] tokens = prompt;
    for (int i = 0; i < most; i++) {
      double[] after = naive.logProbs(tokens)[tokens.length - 1];
      int best = 0;
      for (int v = 1; v < after.length; v++) {
        best = after[v] > after[best] ? v : best;
      }
      if (best == END) {
        break;
      }
      tokens = Arrays.copyOf(tokens, tokens.length + 1);
      tokens[tokens.length - 1] = best;
    }
    return Arrays.copyOfRange(tokens, prompt.length, tokens.length);
  }

  @Test
  void generationInBatchesIsThatOfPlainLoopsOneByOne() {
    ModelFolder model = TinyModel.write(folder, 5);
    var naive = new NaiveDecoder(model);
    var random = new Random(5);
    int[] preamble = random.ints(50, 0, VOCABULARY).toArray();
    var requests = new ArrayList<GenerateRequest>();
    for (int i = 0; i < 45; i++) {
      int head = i % 3 == 0 ? 0 : preamble.length;
      int[] prompt = Arrays.copyOf(preamble, head + 1 + random.nextInt(12));
      for (int t = head; t < prompt.length; t++) {
        prompt[t] = random.nextInt(VOCABULARY);
      }
      requests.add(new GenerateRequest(prompt, 1 + random.nextInt(i % 7 == 0 ? 45 : 6), List.of()));
    }
    try (LoadedModel loaded = LoadedModel.open(model, Optional.empty())) {
      List<Generation> generations = loaded.generate(requests, done -> {});
      for (int i = 0; i < requests.size(); i++) {
        int most = requests.get(i).settings().maxNewTokens();
        int[] expected = naiveGreedy(naive, requests.get(i).prompt(), most);
        assertThat(generations.get(i).tokens()).as("request %d", i).isEqualTo(expected);
        assertThat(generations.get(i).finish())
            .isEqualTo(expected.length < most ? Finish.END_OF_TEXT : Finish.LENGTH);
      }
    }
  }

  @Test
  void textEndsBeforeAStopString() {
    ModelFolder model = TinyModel.write(folder, 5);
    try (LoadedModel loaded = LoadedModel.open(model, Optional.empty())) {
      int[] prompt = loaded.tokenizer().encode("abc", false);
      String free =
          loaded
              .generate(List.of(new GenerateRequest(prompt, 30, List.of())), done -> {})
              .get(0)
              .text();
      String stop = free.substring(4, 6);
      Generation stopped =
          loaded
              .generate(List.of(new GenerateRequest(prompt, 30, List.of(stop))), done -> {})
              .get(0);
      assertThat(stopped.text()).isEqualTo(free.substring(0, free.indexOf(stop)));
      assertThat(stopped.finish()).isEqualTo(Finish.STOP_STRING);
    }
  }

  @Test
  void aTokenOfAnotherVocabularyIsBadInput() {
    ModelFolder model = TinyModel.write(folder, 1);
    try (LoadedModel loaded = LoadedModel.open(model, Optional.empty())) {
      var request = new ScoreRequest(new int[] {1, VOCABULARY}, new int[] {2});
      assertThatThrownBy(() -> loaded.score(List.of(request), done -> {}))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("token id " + VOCABULARY);
    }
  }
}
