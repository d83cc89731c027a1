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
import dev.whetstone.models.engine.generation.GenerationSettings;
import dev.whetstone.models.engine.schema.SchemaGuide;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;

/**
 * Generation in batches of prompts of unequal length: greedy where the most probable token is all
 * that is asked for, else each sequence chooses from its logits.
 *
 * <p>Prompts that begin alike form a group; what they share is computed once and its keys and
 * values are read by all rows from one place. The rest of each prompt is computed without padding,
 * several prompts in one row, and moved to a cache with one line a sequence. When a sequence ends,
 * the last line takes the place of its line.
 */
final class BatchGeneration {
  /** Prompts that share fewer tokens than this at their start share nothing. */
  private static final int MIN_SHARED = PrefixPlan.MIN_SHARED;

  /** Fewer prompts than this with a common start go with all others. */
  private static final int MIN_GROUP = 16;

  /** Tokens of prompts in one forward pass. */
  private static final int PROMPT_BUDGET = 512;

  /** Least columns by which a cache grows; a long one grows by half. */
  private static final int GROWTH = 32;

  private final Decoder decoder;
  private final Sequence.Shared shared;
  private final Function<GenerationSettings, Optional<SchemaGuide>> guides;
  private final int batch;
  private final LongConsumer progress;
  private final Answers<Generation> answers;
  private final Map<Integer, Generation> made = new TreeMap<>(); // by the batch under way
  private final List<Sequence> outgrown = new ArrayList<>(); // to be computed anew
  private long done;

  /**
   * @param shared what all requests share
   * @param guides to the schema of a request's settings, where they have one
   * @param batch most sequences that are generated at a time
   */
  BatchGeneration(
      Decoder decoder,
      Sequence.Shared shared,
      Function<GenerationSettings, Optional<SchemaGuide>> guides,
      int batch,
      Answers<Generation> answers,
      LongConsumer progress) {
    this.decoder = decoder;
    this.shared = shared;
    this.guides = guides;
    this.batch = batch;
    this.progress = progress;
    this.answers = answers;
  }

  void run(List<GenerateRequest> requests) {
    var sequences = new ArrayList<Sequence>();
    for (int i = 0; i < requests.size(); i++) {
      GenerateRequest asked = requests.get(i);
      int[] prompt = prompt(asked, decoder.config().maxPositions());
      decoder.check(prompt);
      sequences.add(
          new Sequence(i, prompt, asked.settings(), guides.apply(asked.settings()), shared));
      done += answers.has(i) ? 1 : 0;
    }
    while (!sequences.isEmpty()) {
      // Prompts whose rotary embeddings turn alike can share a start: with most kinds these are
      // all.
      var byRegime = new TreeMap<Integer, List<Sequence>>();
      for (Sequence sequence : sequences) {
        int regime = decoder.config().rotary().regime(sequence.prompt().length);
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
      int[] prompt = sequence.prompt();
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
    if (request.prompt().length == 0) {
      throw new BadInputException(
          "a request to generate has no prompt tokens, expected at least 1; give it a text.");
    }
    int room = maxLength - request.settings().maxNewTokens();
    if (room < 1) {
      throw new BadInputException(
          "%d new tokens leave no room for a prompt in a context of %d; ask for fewer."
              .formatted(request.settings().maxNewTokens(), maxLength));
    }
    int[] prompt = request.prompt();
    return Arrays.copyOfRange(prompt, Math.max(0, prompt.length - room), prompt.length);
  }

  private void group(List<Sequence> group) {
    if (!isNeeded(group)) {
      return;
    }
    int[] first = group.get(0).prompt();
    int shared = Integer.MAX_VALUE;
    for (Sequence sequence : group) {
      // The last token of a prompt is always fed by itself: its prediction is what is asked for.
      int common = PrefixPlan.common(first, sequence.prompt());
      shared = Math.min(shared, Math.min(common, sequence.prompt().length - 1));
    }
    if (group.size() == 1 || shared < MIN_SHARED) {
      shared = 0;
    }
    var byLength = new ArrayList<>(group);
    byLength.sort(Comparator.comparingInt(sequence -> -sequence.prompt().length));
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
    int longest = sequences.stream().mapToInt(s -> s.prompt().length - shared).max().orElseThrow();
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
    private final List<Sequence> sequences;
    private long[] next; // predicted, not yet taken
    private NDArray keys;
    private NDArray values;
    private int capacity;
    private int filled;

    Lines(List<Sequence> sequences, int shared, int longest, NDManager scope) {
      this.scope = scope;
      this.shared = shared;
      this.longest = longest;
      this.sequences = new ArrayList<>(sequences);
      this.next = new long[sequences.size()];
      this.filled = longest;
      this.capacity = roomy();
      this.keys = decoder.newCache(sequences.size(), capacity, scope);
      this.values = decoder.newCache(sequences.size(), capacity, scope);
    }

    /** How many columns a cache had best have. */
    private int roomy() {
      int most = sequences.stream().mapToInt(Sequence::maxNewTokens).max().orElseThrow();
      return Math.min(longest + most, filled + Math.max(GROWTH, filled / 2));
    }

    private int tail(int line) {
      return sequences.get(line).prompt().length - shared;
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
        int[] prompt = sequences.get(line).prompt();
        // Several samples of a prompt read it once.
        if (line == from || !Arrays.equals(prompt, sequences.get(line - 1).prompt())) {
          for (int p = shared; p < prompt.length; p++, n++) {
            tokens[n] = prompt[p];
            positions[n] = p;
            parents[n] = p == shared ? -1 : n - 1;
          }
        }
        last[line - from] = n - 1L;
      }
      long[] at = Arrays.stream(last).distinct().toArray();
      int[] read = Arrays.stream(last).mapToInt(l -> Arrays.binarySearch(at, l)).toArray();
      long[] wanted =
          Arrays.stream(logitsOf(from, to)).map(l -> read[Math.toIntExact(l)]).distinct().toArray();
      try (NDManager step = scope.newSubManager()) {
        long[] nothing = {};
        Decoder.Read made =
            decoder.tree(
                new TreeRow(
                    Arrays.copyOf(tokens, n),
                    Arrays.copyOf(positions, n),
                    Arrays.copyOf(parents, n)),
                prefix,
                at,
                nothing,
                nothing,
                Keep.OWN,
                wanted,
                sequences.get(from).prompt().length,
                step);
        Prefix own = made.kept().orElseThrow();
        for (int line = from; line < to; line++) {
          next[line] = made.greedy()[read[line - from]];
          int end = Math.toIntExact(last[line - from]) + 1;
          int[] columns = IntStream.range(end - tail(line), end).toArray();
          decoder.place(own.keys(), columns, keys, line, longest, step);
          decoder.place(own.values(), columns, values, line, longest, step);
          if (readsLogits(line)) {
            int row = Arrays.binarySearch(wanted, read[line - from]);
            choose(line, made.logits().get(row));
          }
        }
      }
    }

    private void finish(Sequence sequence, Finish finish) {
      Generation generation = sequence.generation(finish);
      if (!answers.has(sequence.request)) {
        made.put(sequence.request, generation);
        done++;
      }
      progress.accept(done);
    }

    /** Takes the predicted tokens; false once every sequence has ended. */
    boolean take() {
      for (int line = sequences.size() - 1; line >= 0; line--) {
        Sequence sequence = sequences.get(line);
        Optional<Finish> end = sequence.take(Math.toIntExact(next[line]));
        if (end.isPresent()) {
          finish(sequence, end.get());
          remove(line);
        } else if (isOutgrown(line)) {
          sequence.startAnew();
          outgrown.add(sequence);
          remove(line);
        }
      }
      return !sequences.isEmpty();
    }

    private boolean isOutgrown(int line) {
      Rotary rotary = decoder.config().rotary();
      int before = sequences.get(line).prompt().length;
      return rotary.startsAnew() && rotary.regime(position(line) + 1) != rotary.regime(before);
    }

    /** The last line takes the place of this one. */
    private void remove(int line) {
      int last = sequences.size() - 1;
      Sequence moved = sequences.remove(last);
      if (line < last) {
        sequences.set(line, moved);
        next[line] = next[last];
        decoder.move(keys, last, line, filled, scope);
        decoder.move(values, last, line, filled, scope);
      }
    }

    /** Of the token that a line is fed next. */
    private int position(int line) {
      return shared + tail(line) + filled - longest;
    }

    void feed(Prefix prefix) {
      if (filled == capacity) {
        capacity = roomy();
        NDArray small = keys;
        keys = decoder.grow(small, sequences.size(), filled, capacity, scope);
        small.close();
        small = values;
        values = decoder.grow(small, sequences.size(), filled, capacity, scope);
        small.close();
      }
      int size = sequences.size();
      var positions = new long[size];
      var mask = new float[size * (filled + 1)];
      for (int line = 0; line < size; line++) {
        positions[line] = position(line);
        int start = line * (filled + 1);
        Arrays.fill(mask, start + tail(line), start + longest, Float.NEGATIVE_INFINITY);
      }
      long[] wanted = logitsOf(0, size);
      Decoder.Step made =
          decoder.step(
              Arrays.copyOf(next, size),
              positions,
              mask,
              near(mask),
              filled,
              prefix,
              keys,
              values,
              wanted,
              scope);
      next = made.greedy();
      for (int i = 0; i < wanted.length; i++) {
        choose(Math.toIntExact(wanted[i]), made.logits().get(i));
      }
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

    private boolean readsLogits(int line) {
      return sequences.get(line).readsLogits();
    }

    /** Lines of [from, to) whose next token is chosen from logits, counted from the first. */
    private long[] logitsOf(int from, int to) {
      return IntStream.range(from, to)
          .filter(this::readsLogits)
          .mapToLong(line -> line - from)
          .toArray();
    }

    /** Puts the chosen token in the place of the most probable one. */
    private void choose(int line, float[] logits) {
      next[line] = sequences.get(line).choose(logits);
    }
  }
}
