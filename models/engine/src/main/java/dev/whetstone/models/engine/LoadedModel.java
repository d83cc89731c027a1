package dev.whetstone.models.engine;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.SystemMemory;
import dev.whetstone.artifacts.model.AdapterFolder;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.models.engine.generation.TextListener;
import dev.whetstone.models.engine.schema.JsonSchema;
import dev.whetstone.models.engine.schema.SchemaGuide;
import dev.whetstone.models.engine.schema.Vocabulary;
import dev.whetstone.models.text.ChatTemplate;
import dev.whetstone.models.text.Tokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;

/**
 * {@link LanguageModel} on our own decoder, on the CPU. An adapter is merged into the weights when
 * it is loaded ({@link AdapterMerge}, float32): the same function as keeping it apart, up to
 * rounding, without its cost at every token.
 */
public final class LoadedModel implements LanguageModel {
  /**
   * Tokens of a forward pass when scoring: enough to keep two cores busy; twice as many are not
   * faster and see more of the tree mask in vain.
   */
  static final int DEFAULT_BUDGET = 512;

  /** Sequences generated at a time: a step then costs little more than reading the weights. */
  private static final int DEFAULT_BATCH = 40;

  /** Schemas whose guides are kept; each may hold some 100 MB in the end. */
  private static final int MAX_GUIDES = 8;

  private final Decoder decoder;
  private final Tokenizer tokenizer;
  private final Optional<ChatTemplate> chatTemplate;
  private final Set<Integer> ends;
  private final int budget;
  private final Map<JsonSchema, SchemaGuide> guides = new HashMap<>();
  private Optional<Vocabulary> vocabulary = Optional.empty();

  /** Takes over {@code decoder} and {@code tokenizer}. */
  LoadedModel(
      Decoder decoder,
      Tokenizer tokenizer,
      Optional<ChatTemplate> chatTemplate,
      Set<Integer> ends,
      int budget) {
    this.decoder = decoder;
    this.tokenizer = tokenizer;
    this.chatTemplate = chatTemplate;
    this.ends = Set.copyOf(ends);
    this.budget = budget;
  }

  /**
   * Opens a model, with an adapter where one is given.
   *
   * @throws BadInputException if the family is unknown, or tensors of the model or the adapter do
   *     not fit: all of them are named
   */
  public static LoadedModel open(ModelFolder model, Optional<AdapterFolder> adapter) {
    return open(model, adapter, DEFAULT_BUDGET, Numerics.FLOAT32);
  }

  /**
   * As {@link #open(ModelFolder, Optional)}.
   *
   * @param budget most tokens of a forward pass when scoring, at least 32; part of what
   *     log-likelihoods depend on, within 1e-4. Where so many would not fit into half of the free
   *     memory there are fewer, which standard error then says
   * @param numerics in which types it is computed
   */
  public static LoadedModel open(
      ModelFolder model, Optional<AdapterFolder> adapter, int budget, Numerics numerics) {
    adapter.ifPresent(folder -> AdapterMerge.tellOfOtherBase(model, folder));
    Tokenizer tokenizer = Tokenizer.open(model.path());
    try {
      Optional<ChatTemplate> template = ChatTemplate.open(model.path());
      Set<Integer> ends = ends(model, tokenizer);
      return new LoadedModel(
          Decoder.load(model, adapter, numerics), tokenizer, template, ends, budget);
    } catch (RuntimeException e) {
      tokenizer.close();
      throw e;
    }
  }

  /**
   * Changes the adapter, without loading the model again: what comes next is computed with {@code
   * adapter}, or with the base model alone.
   *
   * @throws BadInputException if tensors of the adapter do not fit; the base model alone then goes
   *     on
   */
  public void use(Optional<AdapterFolder> adapter) {
    decoder.use(adapter);
  }

  /** Every id that any of the model's files calls an end of text. */
  public static Set<Integer> ends(ModelFolder model, Tokenizer tokenizer) {
    var ends = new HashSet<Integer>();
    addEnds(model.config(), model.path().resolve("config.json"), ends);
    Path generation = model.path().resolve("generation_config.json");
    if (Files.exists(generation)) {
      addEnds(Json.read(generation), generation, ends);
    }
    tokenizer.eos().ifPresent(ends::add);
    return ends;
  }

  /** {@code eos_token_id}: a number, a list of them, or null. */
  private static void addEnds(JsonNode config, Path file, Set<Integer> ends) {
    JsonNode end = config.path("eos_token_id");
    for (JsonNode one : end.isArray() ? end : List.of(end)) {
      if (one.isInt()) {
        ends.add(one.intValue());
      } else if (!one.isNull() && !one.isMissingNode()) {
        throw new BadInputException(
            "%s: expected a token id or a list of them for eos_token_id, found %s."
                .formatted(file, end));
      }
    }
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
    return decoder.config().maxPositions();
  }

  /**
   * {@inheritDoc}
   *
   * <p>Of context and continuation the last {@code maxLength + 1} tokens count, all but the last
   * are fed, as in lm-eval's {@code hf} model.
   */
  @Override
  public void score(List<ScoreRequest> requests, Answers<Score> answers, LongConsumer progress) {
    int longest =
        requests.stream()
            .mapToInt(r -> r.context().length + r.continuation().length)
            .max()
            .orElse(0);
    int fitting =
        TokenBudget.fitting(
            decoder.config(),
            budget,
            Math.min(longest, maxLength()),
            SystemMemory.availableBytes().orElse(Long.MAX_VALUE));
    if (fitting < budget) {
      System.err.printf(
          "scoring %d tokens in a forward pass, since the free memory is too small for %d.%n",
          fitting, budget);
    }
    TrieScoring.score(decoder, requests, fitting, answers, progress);
  }

  /**
   * {@inheritDoc}
   *
   * <p>A prompt that leaves too little room for its new tokens loses its first tokens. The end
   * token is not part of a generation's tokens.
   */
  @Override
  public void generate(
      List<GenerateRequest> requests, Answers<Generation> answers, LongConsumer progress) {
    generate(requests, answers, Optional.empty(), progress);
  }

  /** As the one without; {@code listener} hears the texts as they come. */
  public void generate(
      List<GenerateRequest> requests,
      Answers<Generation> answers,
      TextListener listener,
      LongConsumer progress) {
    generate(requests, answers, Optional.of(listener), progress);
  }

  private void generate(
      List<GenerateRequest> requests,
      Answers<Generation> answers,
      Optional<TextListener> listener,
      LongConsumer progress) {
    new BatchGeneration(
            decoder,
            new Sequence.Shared(tokenizer, ends, listener),
            settings -> settings.schema().map(this::guide),
            DEFAULT_BATCH,
            answers,
            progress)
        .run(requests);
  }

  private SchemaGuide guide(JsonSchema schema) {
    SchemaGuide known = guides.get(schema);
    if (known == null || known.isFull()) {
      if (guides.size() == MAX_GUIDES) {
        guides.clear(); // sequences under way keep theirs
      }
      known = new SchemaGuide(schema, vocabulary());
      guides.put(schema, known);
    }
    return known;
  }

  /** Made on first use. */
  private Vocabulary vocabulary() {
    if (vocabulary.isEmpty()) {
      List<byte[]> known = tokenizer.tokenBytes();
      // The projection may be wider than the tokenizer, for alignment, or narrower.
      var predicted = new ArrayList<byte[]>();
      for (int token = 0; token < decoder.config().vocabulary(); token++) {
        predicted.add(token < known.size() ? known.get(token) : new byte[0]);
      }
      vocabulary = Optional.of(new Vocabulary(predicted, ends));
    }
    return vocabulary.get();
  }

  @Override
  public void close() {
    decoder.close();
    tokenizer.close();
  }
}
