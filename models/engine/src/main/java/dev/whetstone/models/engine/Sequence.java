package dev.whetstone.models.engine;

import dev.whetstone.models.engine.LanguageModel.Finish;
import dev.whetstone.models.engine.LanguageModel.Generation;
import dev.whetstone.models.engine.generation.GenerationSettings;
import dev.whetstone.models.engine.generation.Sampler;
import dev.whetstone.models.engine.generation.TextListener;
import dev.whetstone.models.engine.generation.TextStream;
import dev.whetstone.models.engine.schema.SchemaGuide;
import dev.whetstone.models.text.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Optional;
import java.util.Set;

/** A request to generate that is under way: its tokens, how the next is chosen, and its end. */
final class Sequence {
  /** Tokens of a stop string at most, beyond its bytes, that can hang over its first character. */
  private static final int STOP_OVERHANG = 8;

  /** What all requests of a model share. */
  record Shared(Tokenizer tokenizer, Set<Integer> ends, Optional<TextListener> listener) {}

  final int request;

  private final int asked; // tokens of the prompt without those that were generated
  private final GenerationSettings settings;
  private final Shared shared;
  private final Sampler sampler;
  private final boolean penalised;
  private final BitSet seen = new BitSet(); // empty where nobody asks
  private final Optional<SchemaGuide.Text> guided;
  private final Optional<TextStream> stream;
  private final int stopBytes;
  private int[] prompt; // with those generated so far, where it is computed anew
  private int[] tokens = new int[16];
  private int count;

  /**
   * @param prompt as it is fed, cut to the context
   * @param guide of the settings' schema, where they have one
   */
  Sequence(
      int request,
      int[] prompt,
      GenerationSettings settings,
      Optional<SchemaGuide> guide,
      Shared shared) {
    this.request = request;
    this.prompt = prompt;
    this.asked = prompt.length;
    this.settings = settings;
    this.shared = shared;
    this.sampler = new Sampler(settings.sampling());
    this.guided = guide.map(SchemaGuide::begin);
    this.stream =
        shared.listener.map(
            listener ->
                new TextStream(window -> shared.tokenizer.decode(window, true), settings.stop()));
    this.stopBytes =
        settings.stop().stream()
            .mapToInt(stop -> stop.getBytes(StandardCharsets.UTF_8).length)
            .max()
            .orElse(0);
    this.penalised = settings.sampling().repetitionPenalty() != 1;
    if (penalised) {
      Arrays.stream(prompt).forEach(seen::set);
    }
  }

  /** What is computed before the next token is. */
  int[] prompt() {
    return prompt;
  }

  /** Most tokens that it makes. */
  int maxNewTokens() {
    return settings.maxNewTokens();
  }

  /** The tokens so far become part of the prompt. */
  void startAnew() {
    int[] whole = Arrays.copyOf(prompt, asked + count);
    System.arraycopy(tokens, 0, whole, asked, count);
    prompt = whole;
  }

  /** Whether {@link #choose} is needed: else the most probable token comes next. */
  boolean readsLogits() {
    return !settings.isArgmax();
  }

  /**
   * The next token.
   *
   * @param logits of every token, [V]; not changed
   */
  int choose(float[] logits) {
    return guided.isPresent()
        ? sampler.next(logits, seen, guided.get().allowed(), count)
        : sampler.next(logits, seen, count);
  }

  /** Takes the next token; why the text ends with it, empty where it goes on. */
  Optional<Finish> take(int token) {
    if (shared.ends.contains(token)) {
      return Optional.of(Finish.END_OF_TEXT);
    }
    if (count == tokens.length) {
      tokens = Arrays.copyOf(tokens, 2 * count);
    }
    tokens[count++] = token;
    if (penalised) {
      seen.set(token);
    }
    guided.ifPresent(text -> text.add(token));
    stream.ifPresent(pieces -> tell(pieces.add(token)));
    if (stops()) {
      return Optional.of(Finish.STOP_STRING);
    }
    if (guided.isPresent() && guided.get().isOver()) {
      return Optional.of(Finish.END_OF_TEXT);
    }
    return count == settings.maxNewTokens() ? Optional.of(Finish.LENGTH) : Optional.empty();
  }

  private void tell(String piece) {
    if (!piece.isEmpty()) {
      shared.listener.orElseThrow().accept(request, piece);
    }
  }

  /** Looks at the last tokens only: a token has at least one byte. */
  private boolean stops() {
    if (stopBytes == 0) {
      return false;
    }
    int from = Math.max(0, count - stopBytes - STOP_OVERHANG);
    String end = shared.tokenizer.decode(Arrays.copyOfRange(tokens, from, count), true);
    return settings.stop().stream().anyMatch(end::contains);
  }

  /** What came of it. */
  Generation generation(Finish finish) {
    int[] made = Arrays.copyOf(tokens, count);
    String text = shared.tokenizer.decode(made, true);
    for (String stop : settings.stop()) {
      int at = text.indexOf(stop);
      text = at < 0 ? text : text.substring(0, at);
    }
    String whole = text;
    stream.ifPresent(pieces -> tell(pieces.end(whole)));
    return new Generation(text, made, finish, settings);
  }
}
