package dev.whetstone.models.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.models.engine.LanguageModel.Finish;
import dev.whetstone.models.engine.LanguageModel.GenerateRequest;
import dev.whetstone.models.engine.LanguageModel.Generation;
import dev.whetstone.models.engine.generation.ChiSquare;
import dev.whetstone.models.engine.generation.GenerationSettings;
import dev.whetstone.models.engine.generation.NaiveSampling;
import dev.whetstone.models.engine.generation.Sampler;
import dev.whetstone.models.engine.generation.Sampling;
import dev.whetstone.models.engine.schema.JsonSchema;
import dev.whetstone.models.engine.schema.NaiveValidation;
import dev.whetstone.models.engine.schema.RandomSchemas;
import dev.whetstone.models.engine.testing.TinyModel;
import dev.whetstone.models.text.Tokenizer;
import dev.whetstone.models.text.testing.TinyTokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampledGenerationTest {
  private static final int DRAWS = 20_000;
  private static final int VOCABULARY = TinyTokenizer.vocabularySize();

  @TempDir private Path folder;

  private static GenerationSettings sampled(int maxNewTokens, Sampling sampling) {
    return new GenerationSettings(maxNewTokens, List.of(), sampling, Optional.empty());
  }

  private static GenerationSettings schema(int maxNewTokens, Sampling sampling, JsonNode schema) {
    return new GenerationSettings(
        maxNewTokens, List.of(), sampling, Optional.of(JsonSchema.of(schema, "test")));
  }

  private static Sampling sampling(JsonNode given) {
    return new Sampling(
        given.get("temperature").asDouble(),
        given.path("top_k").asInt(0),
        given.path("top_p").asDouble(1),
        given.path("min_p").asDouble(0),
        given.path("repetition_penalty").asDouble(1),
        20261128);
  }

  private static int[] ints(JsonNode array) {
    return Arrays.stream(doubles(array)).mapToInt(value -> (int) value).toArray();
  }

  private static double[] doubles(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false)
        .mapToDouble(JsonNode::asDouble)
        .toArray();
  }

  /** src/test/sampling/make.py. */
  private JsonNode golden() throws IOException {
    TinyTokenizer.write(folder);
    for (String file : List.of("config.json", "model.safetensors")) {
      try (InputStream in = getClass().getResourceAsStream("/families/llama-llama3/" + file)) {
        Files.copy(in, folder.resolve(file));
      }
    }
    try (InputStream in = getClass().getResourceAsStream("/sampling/expected.json")) {
      return Json.mapper().readTree(in);
    }
  }

  /** Without an end of text: its vocabulary is smaller than the tokenizer's. */
  private LoadedModel open() {
    return new LoadedModel(
        Decoder.load(ModelFolder.open(folder), Optional.empty(), Numerics.FLOAT32),
        Tokenizer.open(folder),
        Optional.empty(),
        Set.of(),
        512);
  }

  @Test
  void firstTokensAreDrawnFromTransformersDistribution() throws IOException {
    JsonNode golden = golden();
    int[] prompt = ints(golden.get("prompt"));
    var seen = new BitSet();
    Arrays.stream(prompt).forEach(seen::set);
    double[] wide = doubles(golden.get("logits"));
    float[] logits = new float[wide.length];
    for (int v = 0; v < wide.length; v++) {
      logits[v] = (float) wide[v];
    }
    try (LoadedModel model = open()) {
      for (JsonNode row : golden.get("rows")) {
        Sampling sampling = sampling(row.get("settings"));
        double[] expected = doubles(row.get("probabilities"));
        double[] naive = NaiveSampling.probabilities(sampling, logits, seen);
        for (int v = 0; v < naive.length; v++) {
          assertThat(naive[v]).as("%s, token %d", sampling, v).isCloseTo(expected[v], within(1e-6));
        }
        // Through the whole engine where several rules meet: the others would take minutes.
        boolean whole = row.get("settings").size() >= 3;
        long[] counts = whole ? generated(model, prompt, sampling) : drawn(logits, seen, sampling);
        for (double[] distribution : new double[][] {expected, naive}) {
          ChiSquare.Fit fit = ChiSquare.of(counts, distribution);
          assertThat(fit.holds()).as("%s: %s", sampling, fit).isTrue();
        }
      }
    }
  }

  private static long[] generated(LoadedModel model, int[] prompt, Sampling sampling) {
    var requests = new ArrayList<GenerateRequest>();
    for (int draw = 0; draw < DRAWS; draw++) {
      requests.add(new GenerateRequest(prompt, sampled(1, sampling.forRequest(draw))));
    }
    long[] counts = new long[120]; // the model's vocabulary
    model.generate(requests, done -> {}).forEach(made -> counts[made.tokens()[0]]++);
    return counts;
  }

  private static long[] drawn(float[] logits, BitSet seen, Sampling sampling) {
    long[] counts = new long[logits.length];
    for (int draw = 0; draw < DRAWS; draw++) {
      counts[new Sampler(sampling.forRequest(draw)).next(logits, seen, 0)]++;
    }
    return counts;
  }

  private static List<GenerateRequest> mixed(Random random) {
    var requests = new ArrayList<GenerateRequest>();
    for (int i = 0; i < 60; i++) {
      int[] prompt = random.ints(1 + random.nextInt(12), 0, VOCABULARY).toArray();
      Sampling sampling =
          switch (i % 4) {
            case 0 -> Sampling.GREEDY;
            case 1 -> new Sampling(0, 0, 1, 0, 1.3, 0);
            case 2 -> new Sampling(1, 40, 0.9, 0, 1.1, i);
            default -> new Sampling(0.8, 0, 1, 0.05, 1, i);
          };
      requests.add(
          new GenerateRequest(
              prompt,
              i % 5 == 0
                  ? schema(40, sampling, RandomSchemas.of(i))
                  : sampled(1 + random.nextInt(20), sampling)));
    }
    return requests;
  }

  @Test
  void whatARequestDrawsDoesNotDependOnItsBatch() {
    List<GenerateRequest> requests = mixed(new Random(3));
    try (LoadedModel model = LoadedModel.open(TinyModel.write(folder, 5), Optional.empty())) {
      List<Generation> together = model.generate(requests, done -> {});
      var order = new ArrayList<>(IntStream.range(0, requests.size()).boxed().toList());
      Collections.shuffle(order, new Random(4));
      List<Generation> shuffled =
          model.generate(order.stream().map(requests::get).toList(), done -> {});
      for (int i = 0; i < requests.size(); i++) {
        Generation alone = model.generate(List.of(requests.get(i)), done -> {}).get(0);
        Generation elsewhere = shuffled.get(order.indexOf(i));
        assertThat(together.get(i).tokens()).as("request %d", i).isEqualTo(alone.tokens());
        assertThat(elsewhere.tokens()).as("request %d", i).isEqualTo(alone.tokens());
        assertThat(together.get(i).finish()).isEqualTo(alone.finish());
        assertThat(together.get(i).settings()).isEqualTo(requests.get(i).settings());
      }
    }
  }

  @Test
  void greedyTextWithAPenaltyIsTransformers() throws IOException {
    JsonNode golden = golden();
    JsonNode expected = golden.get("greedy");
    var sampling = new Sampling(0, 0, 1, 0, expected.get("repetition_penalty").asDouble(), 0);
    int[] tokens = ints(expected.get("tokens"));
    var request = new GenerateRequest(ints(golden.get("prompt")), sampled(tokens.length, sampling));
    try (LoadedModel model = open()) {
      assertThat(model.generate(List.of(request), done -> {}).get(0).tokens()).isEqualTo(tokens);
    }
  }

  @Test
  void textsOfASchemaAreItsDocuments() throws IOException {
    var requests = new ArrayList<GenerateRequest>();
    for (int seed = 0; seed < 60; seed++) {
      Sampling sampling = seed % 3 == 0 ? Sampling.GREEDY : new Sampling(1, 0, 1, 0, 1.2, seed);
      requests.add(
          new GenerateRequest(new int[] {seed}, schema(200, sampling, RandomSchemas.of(seed))));
    }
    int complete = 0;
    try (LoadedModel model = LoadedModel.open(TinyModel.write(folder, 2), Optional.empty())) {
      for (Generation made : model.generate(requests, done -> {})) {
        if (made.finish() != Finish.LENGTH) {
          complete++;
          assertThat(made.finish()).isEqualTo(Finish.END_OF_TEXT);
          JsonSchema asked = made.settings().schema().orElseThrow();
          JsonNode document = Json.mapper().readTree(made.text());
          assertThat(new NaiveValidation(asked.source()).isValid(document))
              .as("%s against %s", made.text(), asked)
              .isTrue();
        }
      }
    }
    assertThat(complete).isGreaterThan(30);
  }

  @Test
  void whatIsHeardPutTogetherIsTheText() {
    var requests = new ArrayList<GenerateRequest>();
    for (GenerateRequest request : mixed(new Random(8))) {
      GenerationSettings settings = request.settings();
      requests.add(
          new GenerateRequest(
              request.prompt(),
              new GenerationSettings(
                  settings.maxNewTokens(),
                  List.of("a", "th", "er"),
                  settings.sampling(),
                  settings.schema())));
    }
    try (LoadedModel model = LoadedModel.open(TinyModel.write(folder, 5), Optional.empty())) {
      var heard = new String[requests.size()];
      Arrays.fill(heard, "");
      var answers = new AllAnswers<Generation>(requests.size());
      model.generate(requests, answers, (request, piece) -> heard[request] += piece, done -> {});
      List<Generation> made = answers.inOrder();
      for (int i = 0; i < heard.length; i++) {
        assertThat(heard[i]).as("request %d", i).isEqualTo(made.get(i).text());
      }
      assertThat(made).extracting(Generation::finish).contains(Finish.values());
    }
  }
}
