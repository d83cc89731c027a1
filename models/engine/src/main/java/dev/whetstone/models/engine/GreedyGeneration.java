package dev.whetstone.models.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.models.engine.Decoder.Keep;
import dev.whetstone.models.engine.Decoder.Prefix;
import dev.whetstone.models.engine.LanguageModel.Answers;
import dev.whetstone.models.engine.LanguageModel.Finish;
import dev.whetstone.models.engine.LanguageModel.GenerateRequest;
import dev.whetstone.models.engine.LanguageModel.Generation;
import dev.whetstone.models.engine.family.Rotary;
import dev.whetstone.models.text.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;

/**
 * Greedy generation in batches of prompts of unequal length.
 *
 * <p>Prompts that begin alike form a group; what they share is computed once and its keys and
 * values are read by all rows from one place. The rest of each prompt is computed without padding,
 * several prompts in one row, and moved to a cache with one line a sequence. Lines whose sequence
 * has ended leave the batch.
 */
final class GreedyGeneration {
  /** Prompts that share fewer tokens than this at their start share nothing. */
  private static final int MIN_SHARED = PrefixPlan.MIN_SHARED;

  /** Fewer prompts than this with a common start go with all others. */
  private static final int MIN_GROUP = 16;

  /** Tokens of prompts in one forward pass. */
  private static final int PROMPT_BUDGET = 512;

  /** Columns by which a cache grows. */
  private static final int GROWTH = 32;

  /** The batch is copied together when it has shrunk to this share: a copy costs about a step. */
  private static final double COMPACT_AT = 0.75;

  /** Tokens of a stop string at most, beyond its bytes, that can hang over its first character. */
  private static final int STOP_OVERHANG = 8;

  private final Decoder decoder;
  private final Tokenizer tokenizer;
  private final Set<Integer> ends;
  private final int batch;
  private final OnToken onToken;
  private final LongConsumer progress;
  private final Answers<Generation> answers;
  private final Map<Integer, Generation> made = new TreeMap<>(); // by the batch under way
  private final List<Sequence> outgrown = new ArrayList<>(); // to be computed anew
  private long done;

  /** Is told each token as it comes. */
  interface OnToken {
    void accept(int request, int[] tokensSoFar);
  }

  /**
   * @param ends ids that end a text
   * @param batch most sequences that are generated at a time
   */
  GreedyGeneration(
      Decoder decoder,
      Tokenizer tokenizer,
      Set<Integer> ends,
      int batch,
      OnToken onToken,
      Answers<Generation> answers,
      LongConsumer progress) {
    this.decoder = decoder;
    this.tokenizer = tokenizer;
    this.ends = ends;
    this.batch = batch;
    this.onToken = onToken;
    this.progress = progress;
    this.answers = answers;
  }

  /** A request under way. */
  private static final class Sequence {
    final int request;
    final int maxNewTokens;
    final List<String> stop;
    private final int asked; // tokens of the prompt without those that were generated
    private int[] prompt; // with those generated so far, where it is computed anew
    private int[] tokens = new int[16];
    private int count;

    Sequence(int request, int[] prompt, GenerateRequest asked) {
      this.request = request;
      this.prompt = prompt;
      this.asked = prompt.length;
      this.maxNewTokens = asked.maxNewTokens();
      this.stop = asked.stop();
    }

    void add(int token) {
      if (count == tokens.length) {
        tokens = Arrays.copyOf(tokens, 2 * count);
      }
      tokens[count++] = token;
    }

    int[] tokens() {
      return Arrays.copyOf(tokens, count);
    }

    /** The tokens so far become part of the prompt. */
    void startAnew() {
      int[] whole = Arrays.copyOf(prompt, asked + count);
      System.arraycopy(tokens, 0, whole, asked, count);
      prompt = whole;
    }

    int[] lastTokens(int most) {
      return Arrays.copyOfRange(tokens, Math.max(0, count - most), count);
    }
  }

  void run(List<GenerateRequest> requests) {
    var sequences = new ArrayList<Sequence>();
    for (int i = 0; i < requests.size(); i++) {
      GenerateRequest asked = requests.get(i);
      int[] prompt = prompt(asked, decoder.config().maxPositions());
      decoder.check(prompt);
      sequences.add(new Sequence(i, prompt, asked));
      done += answers.has(i) ? 1 : 0;
    }
    while (!sequences.isEmpty()) {
      // Prompts whose rotary embeddings turn alike can share a start: with most kinds these are
      // all.
      var byRegime = new TreeMap<Integer, List<Sequence>>();
      for (Sequence sequence : sequences) {
        int regime = decoder.config().rotary().regime(sequence.prompt.length);
        byRegime.computeIfAbsent(regime, k -> new ArrayList<>()).add(sequence);
      }
      outgrown.clear();
      byRegime.values().forEach(this::share);
      sequences = new ArrayList<>(outgrown);
    }
  }

  private void share(List<Sequence> sequences) {
    // The first tokens of a prompt decide whether it can share anything.
    var groups = new LinkedHashMap<List<Integer>, List<Sequence>>();
    for (Sequence sequence : sequences) {
      int[] prompt = sequence.prompt;
      List<Integer> head = Arrays.stream(prompt).limit(MIN_SHARED).boxed().toList();
      groups
          .computeIfAbsent(head.size() < MIN_SHARED ? List.of() : head, k -> new ArrayList<>())
          .add(sequence);
    }
    // Few rows in a batch cost nearly as much as many: what a shared start saves must not tear
    // batches apart.
    var others = new ArrayList<Sequence>();
    groups.values().stream().filter(group -> group.size() < MIN_GROUP).forEach(others::addAll);
    groups.values().removeIf(group -> group.size() < MIN_GROUP);
    groups.values().forEach(this::group);
    if (!others.isEmpty()) {
      group(others);
    }
  }

  private boolean isNeeded(List<Sequence> sequences) {
    return sequences.stream().anyMatch(sequence -> !answers.has(sequence.request));
  }

  /**
   * The prompt, cut at the left so that the answer fits the context (lm-evaluation-harness 0.4.13,
   * models/huggingface.py, {@code generate_until}).
   */
  static int[] prompt(GenerateRequest request, int maxLength) {
    if (request.prompt().length == 0 || request.maxNewTokens() < 1) {
      throw new BadInputException(
          "a request to generate has %d prompt tokens and asks for %d new ones; each must be at least 1."
              .formatted(request.prompt().length, request.maxNewTokens()));
    }
    int room = maxLength - request.maxNewTokens();
    if (room < 1) {
      throw new BadInputException(
          "%d new tokens leave no room for a prompt in a context of %d; ask for fewer."
              .formatted(request.maxNewTokens(), maxLength));
    }
    int[] prompt = request.prompt();
    return Arrays.copyOfRange(prompt, Math.max(0, prompt.length - room), prompt.length);
  }

  private void group(List<Sequence> group) {
    if (!isNeeded(group)) {
      return;
    }
    int[] first = group.get(0).prompt;
    int shared = Integer.MAX_VALUE;
    for (Sequence sequence : group) {
      // The last token of a prompt is always fed by itself: its prediction is what is asked for.
      int common = PrefixPlan.common(first, sequence.prompt);
      shared = Math.min(shared, Math.min(common, sequence.prompt.length - 1));
    }
    if (group.size() == 1 || shared < MIN_SHARED) {
      shared = 0;
    }
    var byLength = new ArrayList<>(group);
    byLength.sort(Comparator.comparingInt(sequence -> -sequence.prompt.length));
    try (NDManager scope = decoder.newScope()) {
      Prefix prefix = shared(Arrays.copyOf(first, shared), first.length, scope);
      for (int from = 0; from < byLength.size(); from += batch) {
        batch(byLength.subList(from, Math.min(byLength.size(), from + batch)), prefix);
      }
    }
  }

  /**
   * @param context tokens of one of the prompts
   */
  private Prefix shared(int[] tokens, int context, NDManager scope) {
    Prefix prefix = decoder.noPrefix(scope);
    for (int from = 0; from < tokens.length; from += PROMPT_BUDGET) {
      int to = Math.min(tokens.length, from + PROMPT_BUDGET);
      var row =
          new TreeRow(
              Arrays.copyOfRange(tokens, from, to),
              IntStream.range(from, to).toArray(),
              IntStream.range(-1, to - from - 1).toArray());
      long[] nothing = {};
      prefix =
          decoder
              .tree(row, prefix, nothing, nothing, nothing, Keep.ALL, context, scope)
              .kept()
              .orElseThrow();
    }
    return prefix;
  }

  private void batch(List<Sequence> sequences, Prefix prefix) {
    if (!isNeeded(sequences)) {
      return;
    }
    made.clear();
    int shared = prefix.length();
    int longest = sequences.stream().mapToInt(s -> s.prompt.length - shared).max().orElseThrow();
    try (NDManager scope = decoder.newScope()) {
      var lines = new Lines(sequences, shared, longest, scope);
      lines.prefill(prefix);
      while (lines.take()) {
        lines.feed(prefix);
      }
    }
    if (!made.isEmpty()) {
      answers.add(made);
    }
  }

  /** The sequences of a batch with their cache. */
  private final class Lines {
    private final NDManager scope;
    private final int shared;
    private final int longest;
    private List<Optional<Sequence>> sequences; // empty: ended, its line is computed in vain
    private long[] next; // predicted, not yet taken
    private NDArray keys;
    private NDArray values;
    private int capacity;
    private int filled;

    Lines(List<Sequence> sequences, int shared, int longest, NDManager scope) {
      this.scope = scope;
      this.shared = shared;
      this.longest = longest;
      this.sequences = new ArrayList<>(sequences.stream().map(Optional::of).toList());
      this.next = new long[sequences.size()];
      this.capacity = longest + GROWTH;
      this.filled = longest;
      this.keys = decoder.newCache(sequences.size(), capacity, scope);
      this.values = decoder.newCache(sequences.size(), capacity, scope);
    }

    private int tail(int line) {
      return sequences.get(line).map(s -> s.prompt.length - shared).orElse(longest);
    }

    void prefill(Prefix prefix) {
      int from = 0;
      while (from < sequences.size()) {
        int to = from + 1;
        int tokens = tail(from);
        while (to < sequences.size() && tokens + tail(to) <= PROMPT_BUDGET) {
          tokens += tail(to++);
        }
        prefill(from, to, tokens, prefix);
        from = to;
      }
    }

    private void prefill(int from, int to, int count, Prefix prefix) {
      var tokens = new int[count];
      var positions = new int[count];
      var parents = new int[count];
      var last = new long[to - from];
      int n = 0;
      for (int line = from; line < to; line++) {
        int[] prompt = sequences.get(line).orElseThrow().prompt;
        for (int p = shared; p < prompt.length; p++, n++) {
          tokens[n] = prompt[p];
          positions[n] = p;
          parents[n] = p == shared ? -1 : n - 1;
        }
        last[line - from] = n - 1L;
      }
      try (NDManager step = scope.newSubManager()) {
        long[] nothing = {};
        Decoder.Read read =
            decoder.tree(
                new TreeRow(tokens, positions, parents),
                prefix,
                last,
                nothing,
                nothing,
                Keep.OWN,
                sequences.get(from).orElseThrow().prompt.length,
                step);
        Prefix own = read.kept().orElseThrow();
        for (int line = from; line < to; line++) {
          next[line] = read.greedy()[line - from];
          int end = Math.toIntExact(last[line - from]) + 1;
          int[] columns = IntStream.range(end - tail(line), end).toArray();
          decoder.place(own.keys(), columns, keys, line, step);
          decoder.place(own.values(), columns, values, line, step);
        }
      }
    }

    /** Takes the predicted tokens; false once every sequence has ended. */
    boolean take() {
      for (int line = 0; line < sequences.size(); line++) {
        Optional<Sequence> open = sequences.get(line);
        if (open.isPresent() && ends(open.get(), Math.toIntExact(next[line]))) {
          sequences.set(line, Optional.empty());
          done += answers.has(open.get().request) ? 0 : 1;
          progress.accept(done);
        }
      }
      setAsideTheOutgrown();
      return sequences.stream().anyMatch(Optional::isPresent);
    }

    private void setAsideTheOutgrown() {
      Rotary rotary = decoder.config().rotary();
      for (int line = 0; rotary.startsAnew() && line < sequences.size(); line++) {
        Optional<Sequence> open = sequences.get(line);
        if (open.isPresent()) {
          int before = rotary.regime(open.get().prompt.length);
          if (rotary.regime(position(line) + 1) != before) {
            open.get().startAnew();
            outgrown.add(open.get());
            sequences.set(line, Optional.empty());
          }
        }
      }
    }

    /** Of the token that a line is fed next. */
    private int position(int line) {
      return shared + tail(line) + filled - longest;
    }

    void feed(Prefix prefix) {
      long open = sequences.stream().filter(Optional::isPresent).count();
      if (open <= COMPACT_AT * sequences.size()) {
        rebuild(
            IntStream.range(0, sequences.size())
                .filter(line -> sequences.get(line).isPresent())
                .toArray());
      } else if (filled == capacity) {
        rebuild(IntStream.range(0, sequences.size()).toArray());
      }
      int size = sequences.size();
      var positions = new long[size];
      var mask = new float[size * (filled + 1)];
      for (int line = 0; line < size; line++) {
        positions[line] = position(line);
        int start = line * (filled + 1);
        Arrays.fill(mask, start + tail(line), start + longest, Float.NEGATIVE_INFINITY);
        if (sequences.get(line).isEmpty()) {
          positions[line] = 0; // nobody reads this line; its position must only exist
        }
      }
      next = decoder.step(next, positions, mask, near(mask), filled, prefix, keys, values, scope);
      filled++;
    }

    /**
     * {@code mask} over the prefix too, without what lies before the window; empty if it is all.
     */
    private float[] near(float[] mask) {
      int last = IntStream.range(0, sequences.size()).map(this::position).max().orElseThrow();
      int window = decoder.config().attention().window();
      if (!decoder.config().attention().slides(last + 1)) {
        return new float[0];
      }
      int own = filled + 1;
      int columns = shared + own;
      var near = new float[sequences.size() * columns];
      for (int line = 0; line < sequences.size(); line++) {
        int start = line * columns;
        System.arraycopy(mask, line * own, near, start + shared, own);
        // The columns of the prefix and of the prompt stand in the order of their positions; those
        // of generated tokens are to the right, behind what pads a shorter prompt.
        int hidden = position(line) - window + 1; // positions before this one
        int padding = longest - tail(line);
        int end = hidden <= shared + tail(line) ? hidden : Math.min(hidden + padding, columns - 1);
        Arrays.fill(near, start, start + Math.max(0, end), Float.NEGATIVE_INFINITY);
      }
      return near;
    }

    private void rebuild(int[] lines) {
      int more = filled == capacity ? GROWTH : 0;
      NDArray newKeys = decoder.keep(keys, lines, more, scope);
      keys.close();
      keys = newKeys;
      NDArray newValues = decoder.keep(values, lines, more, scope);
      values.close();
      values = newValues;
      capacity += more;
      sequences =
          new ArrayList<>(Arrays.stream(lines).mapToObj(line -> sequences.get(line)).toList());
      long[] old = next;
      next = Arrays.stream(lines).mapToLong(line -> old[line]).toArray();
    }
  }

  /** Takes one token of a sequence; whether it ended there. */
  private boolean ends(Sequence sequence, int token) {
    if (ends.contains(token)) {
      return finish(sequence, Finish.END_OF_TEXT);
    }
    sequence.add(token);
    onToken.accept(sequence.request, sequence.tokens());
    if (stops(sequence)) {
      return finish(sequence, Finish.STOP_STRING);
    }
    return sequence.count == sequence.maxNewTokens && finish(sequence, Finish.LENGTH);
  }

  /** Looks at the last tokens only: a token has at least one byte. */
  private boolean stops(Sequence sequence) {
    if (sequence.stop.isEmpty()) {
      return false;
    }
    int bytes = 0;
    for (String stop : sequence.stop) {
      bytes = Math.max(bytes, stop.getBytes(StandardCharsets.UTF_8).length);
    }
    String end = tokenizer.decode(sequence.lastTokens(bytes + STOP_OVERHANG), true);
    return sequence.stop.stream().anyMatch(end::contains);
  }

  private boolean finish(Sequence sequence, Finish finish) {
    String text = tokenizer.decode(sequence.tokens(), true);
    for (String stop : sequence.stop) {
      int at = text.indexOf(stop);
      text = at < 0 ? text : text.substring(0, at);
    }
    if (!answers.has(sequence.request)) {
      made.put(sequence.request, new Generation(text, sequence.tokens(), finish));
    }
    return true;
  }
}
