package dev.whetstone.datasets.decontaminate;

import dev.whetstone.artifacts.dataset.ContaminatedItem.Kind;
import dev.whetstone.artifacts.items.ItemsFolder.Item;
import dev.whetstone.datasets.dedup.Hash64;
import dev.whetstone.datasets.dedup.Words;
import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Finds benchmark items in training rows, by words as {@link Words} has them.
 *
 * <p>The measure is that of Llama 3 (arXiv 2407.21783, section 5.1.4): the share of an item's words
 * that stand in runs of n words (8 there) which the row holds too. It is taken of three passages of
 * an item, each by itself: the question as rendered, the question without its options (so that
 * their order does not matter), and the right answer. Runs that stand in more than {@link
 * #COMMON_TEXTS} different questions are phrases of the benchmark, or a text that many questions
 * are about; they tell nothing of an item and count neither as found nor as missing.
 *
 * <p>A row holds a passage when its turns of user and assistant, together,
 *
 * <ul>
 *   <li>share at least {@code minShare} of the passage's words in runs, and at least {@link
 *       #LEAST_WORDS} of them, or all where it has fewer (13 is the run length of GPT-3, arXiv
 *       2005.14165, appendix C); or
 *   <li>for a question of fewer than n words, or one whose runs are all common: hold it whole, and
 *       the right answer as well. Such a question needs {@link #LEAST_SHORT} words.
 * </ul>
 *
 * <p>In scripts that write no spaces a word is one character; there the two bounds are doubled.
 *
 * <p>System turns are not searched: they hold instructions that all rows share. A short answer
 * alone is no evidence: it occurs everywhere.
 *
 * <p>Memory: some 60 bytes per word of an item, once per JVM. Safe for threads.
 */
public final class ItemIndex {
  static final int LEAST_WORDS = 13;
  static final int LEAST_SHORT = 4;
  static final int COMMON_TEXTS = 5;

  /** Items of one row that are told. */
  static final int MOST_ITEMS = 16;

  private static final long START_POWER = Hash64.power(LEAST_SHORT);

  /** Words of evidence that a report shows. */
  private static final int EVIDENCE_WORDS = 20;

  /**
   * A stretch of an item's text that is looked for.
   *
   * @param words joined by spaces
   * @param hash of all of them
   * @param telling words of it in runs that are not common; 0: it is looked for whole
   */
  private record Passage(
      int item, boolean isAnswer, String words, int length, long hash, int telling) {}

  /** What the rest of an item says once its question is found. */
  private record Gold(List<String> words, String label) {}

  private final List<Item> items;
  private final int n;
  private final long runPower;
  private final double minShare;
  private final List<Passage> passages = new ArrayList<>();
  private final List<Gold> golds = new ArrayList<>();

  /** Of the first run of each passage, among the runs of all. */
  private int[] firstPlaces;

  /** Passages by each of their runs. */
  private final RunTable runs;

  /** Passages that are looked for whole, by their first {@link #LEAST_SHORT} words. */
  private final RunTable wholes;

  private final Map<String, Coverage> coverage = new TreeMap<>();

  /**
   * @param items of a task
   * @param searchable those that can be found: they have words enough that no other item has
   */
  public record Coverage(int items, int searchable) {}

  /**
   * An index of all items.
   *
   * @param n words of a run
   * @param minShare of a passage's words that make a row contaminated, in (0, 1]
   */
  public ItemIndex(List<Item> items, int n, double minShare) {
    this.items = List.copyOf(items);
    this.n = n;
    this.runPower = Hash64.power(n);
    this.minShare = minShare;
    List<ItemText> texts = this.items.stream().map(ItemText::of).toList();
    texts.forEach(t -> golds.add(new Gold(t.answer(), t.label())));

    // Equal questions of several tasks are one text, else two copies of a benchmark would make all
    // of its runs common.
    Map<List<String>, List<Integer>> byQuestion = new LinkedHashMap<>();
    for (int i = 0; i < texts.size(); i++) {
      byQuestion.computeIfAbsent(texts.get(i).question(), q -> new ArrayList<>()).add(i);
    }
    List<Draft> drafts = new ArrayList<>();
    var all = new RunTable.Builder();
    int place = 0;
    int text = 0;
    for (List<Integer> same : byQuestion.values()) {
      boolean tellsApart = mostOfOneTask(same) <= COMMON_TEXTS;
      for (int item : same) {
        for (Draft draft : drafts(item, texts.get(item), tellsApart)) {
          drafts.add(draft);
          for (long run : draft.runs()) {
            all.add(run, text, place++);
          }
        }
      }
      text++;
    }
    this.runs = all.build(COMMON_TEXTS);
    this.wholes = index(drafts);
    count();
  }

  /** A passage before it is known which runs are common. */
  private record Draft(int item, boolean isAnswer, List<String> words, long[] runs) {}

  private int mostOfOneTask(List<Integer> same) {
    Map<String, Integer> byTask = new HashMap<>();
    same.forEach(i -> byTask.merge(items.get(i).task(), 1, Integer::sum));
    return Collections.max(byTask.values());
  }

  private List<Draft> drafts(int item, ItemText text, boolean tellsApart) {
    List<Draft> drafts = new ArrayList<>();
    if (tellsApart) {
      drafts.add(draft(item, false, text.question()));
      if (text.stem() != text.question()) {
        drafts.add(draft(item, false, text.stem()));
      }
    }
    Stream.of(text.answer(), text.plainAnswer())
        .distinct()
        .filter(answer -> answer.size() >= LEAST_WORDS)
        .forEach(answer -> drafts.add(draft(item, true, answer)));
    return drafts;
  }

  private Draft draft(int item, boolean isAnswer, List<String> words) {
    return new Draft(item, isAnswer, words, Runs.all(Runs.hashes(words), n));
  }

  /** Makes passages of drafts; those that have no telling run are put into the table returned. */
  private RunTable index(List<Draft> drafts) {
    var starts = new RunTable.Builder();
    firstPlaces = new int[drafts.size()];
    int place = 0;
    for (int i = 0; i < drafts.size(); i++) {
      Draft draft = drafts.get(i);
      int length = draft.words().size();
      var told = new BitSet(length);
      for (int at = 0; at < draft.runs().length; at++) {
        if (runs.find(draft.runs()[at]) >= 0) {
          told.set(at, at + n);
        }
      }
      firstPlaces[i] = place;
      var passage =
          new Passage(
              draft.item(),
              draft.isAnswer(),
              String.join(" ", draft.words()),
              length,
              Runs.of(Runs.hashes(draft.words()), 0, length),
              told.cardinality());
      passages.add(passage);
      place += draft.runs().length;
      boolean whole = !draft.isAnswer() && told.isEmpty();
      boolean answered = !golds.get(draft.item()).words().isEmpty();
      if (whole && answered && length >= LEAST_SHORT * scale(passage)) {
        starts.add(Runs.of(Runs.hashes(draft.words()), 0, LEAST_SHORT), i, i);
      }
    }
    return starts.build(Integer.MAX_VALUE);
  }

  private void count() {
    var searchable = new BitSet(items.size());
    for (Passage passage : passages) {
      int least = LEAST_SHORT * scale(passage);
      boolean whole =
          !passage.isAnswer()
              && passage.length() >= least
              && !golds.get(passage.item()).words().isEmpty();
      if (passage.telling() > 0 || whole) {
        searchable.set(passage.item());
      }
    }
    for (int i = 0; i < items.size(); i++) {
      coverage.merge(
          items.get(i).task(),
          new Coverage(1, searchable.get(i) ? 1 : 0),
          (a, b) -> new Coverage(a.items() + b.items(), a.searchable() + b.searchable()));
    }
  }

  /** By task: how many items there are, and how many of them can be found. */
  public Map<String, Coverage> coverage() {
    return Collections.unmodifiableMap(coverage);
  }

  /** The items that a row holds, the one with most words first, at most {@link #MOST_ITEMS}. */
  public List<Contamination> find(Conversation row) {
    if (passages.isEmpty()) {
      return List.of();
    }
    var hits = new HashMap<Integer, BitSet>();
    for (Message turn : turns(row)) {
      look(Words.hashes(turn.content()), hits);
    }
    return hits.isEmpty() ? List.of() : judge(hits, new RowWords(row));
  }

  /** What is searched of a row: of a pair, both answers. */
  private static List<Message> turns(Conversation row) {
    return Stream.concat(row.messages().stream(), row.rejected().stream())
        .filter(turn -> !turn.role().equals(Message.SYSTEM) && !turn.role().equals(Message.TOOL))
        .toList();
  }

  /** Marks the words of each passage that the turn's runs cover. */
  private void look(long[] words, Map<Integer, BitSet> hits) {
    long run = 0;
    long start = 0;
    for (int i = 0; i < words.length; i++) {
      run = Runs.extended(run, words[i]) - (i < n ? 0 : runPower * words[i - n]);
      start =
          Runs.extended(start, words[i])
              - (i < LEAST_SHORT ? 0 : START_POWER * words[i - LEAST_SHORT]);
      int slot = i < n - 1 ? -1 : runs.find(Runs.notZero(run));
      if (slot >= 0) {
        cover(slot, hits);
      }
      slot = i < LEAST_SHORT - 1 ? -1 : wholes.find(Runs.notZero(start));
      if (slot >= 0) {
        compare(slot, words, i - LEAST_SHORT + 1, hits);
      }
    }
  }

  private void cover(int slot, Map<Integer, BitSet> hits) {
    for (int i = runs.first(slot); i < runs.last(slot); i++) {
      int place = runs.place(i);
      int passage = passageOf(place);
      int at = place - firstPlaces[passage];
      hits.computeIfAbsent(passage, p -> new BitSet()).set(at, at + n);
    }
  }

  private void compare(int slot, long[] words, int from, Map<Integer, BitSet> hits) {
    for (int i = wholes.first(slot); i < wholes.last(slot); i++) {
      Passage passage = passages.get(wholes.place(i));
      if (holds(words, from, passage)) {
        hits.computeIfAbsent(wholes.place(i), p -> new BitSet()).set(0, passage.length());
      }
    }
  }

  private static boolean holds(long[] words, int from, Passage passage) {
    return from + passage.length() <= words.length
        && Runs.of(words, from, passage.length()) == passage.hash();
  }

  private int passageOf(int place) {
    int at = Arrays.binarySearch(firstPlaces, place);
    if (at < 0) {
      return -at - 2;
    }
    // A passage without runs has the place of the next one.
    while (at + 1 < firstPlaces.length && firstPlaces[at + 1] == place) {
      at++;
    }
    return at;
  }

  private List<Contamination> judge(Map<Integer, BitSet> hits, RowWords row) {
    Map<Integer, Contamination> byItem = new HashMap<>();
    hits.forEach(
        (index, covered) -> {
          Passage passage = passages.get(index);
          double share = share(passage, covered);
          if (share == 0) {
            return;
          }
          Gold gold = golds.get(passage.item());
          if (passage.telling() == 0 && !row.says(gold.words())) {
            return;
          }
          Item item = items.get(passage.item());
          Kind kind =
              passage.isAnswer()
                  ? Kind.ANSWER
                  : row.answers(gold.words(), gold.label()) ? Kind.WHOLE : Kind.QUESTION;
          byItem.merge(
              passage.item(),
              new Contamination(
                  passage.item(),
                  item.task(),
                  item.docId(),
                  kind,
                  share,
                  covered.cardinality(),
                  evidence(passage, covered)),
              ItemIndex::both);
        });
    return byItem.values().stream()
        .sorted(
            Comparator.comparingInt(Contamination::words)
                .thenComparingDouble(Contamination::share)
                .reversed()
                .thenComparingInt(Contamination::item))
        .limit(MOST_ITEMS)
        .toList();
  }

  /** Share of the passage's words that are found; 0 where that is too little to count. */
  private double share(Passage passage, BitSet covered) {
    if (passage.telling() == 0) {
      return 1; // found whole
    }
    double share = (double) covered.cardinality() / passage.telling();
    int least = LEAST_WORDS * scale(passage);
    least = passage.isAnswer() ? least : Math.min(least, passage.telling());
    return share >= minShare && covered.cardinality() >= least ? share : 0;
  }

  /** 2 where most words are single characters of a script without spaces, else 1. */
  private static int scale(Passage passage) {
    String words = passage.words();
    long alone = words.codePoints().filter(Words::standsAlone).count();
    return 2 * alone > passage.length() ? 2 : 1;
  }

  /** Two findings of one item as one: question and answer are the whole. */
  private static Contamination both(Contamination one, Contamination other) {
    Contamination more = one.words() >= other.words() ? one : other;
    boolean answer = one.kind() == Kind.ANSWER && other.kind() == Kind.ANSWER;
    boolean question = one.kind() == Kind.QUESTION && other.kind() == Kind.QUESTION;
    Kind kind = answer ? Kind.ANSWER : question ? Kind.QUESTION : Kind.WHOLE;
    return new Contamination(
        more.item(), more.task(), more.docId(), kind, more.share(), more.words(), more.evidence());
  }

  /** The longest stretch of the passage's words that are found. */
  private static String evidence(Passage passage, BitSet covered) {
    int bestFrom = 0;
    int bestTo = 0;
    for (int from = covered.nextSetBit(0); from >= 0; from = covered.nextSetBit(from)) {
      int to = covered.nextClearBit(from);
      if (to - from > bestTo - bestFrom) {
        bestFrom = from;
        bestTo = to;
      }
      from = to;
    }
    List<String> words = List.of(passage.words().split(" ", -1));
    int end = Math.min(bestTo, bestFrom + EVIDENCE_WORDS);
    return String.join(" ", words.subList(bestFrom, end));
  }

  /** The words of a row, once they are asked for: many rows share a run, few hold an item. */
  private static final class RowWords {
    private final List<Message> turns;
    private List<List<String>> words;

    RowWords(Conversation row) {
      this.turns = turns(row);
    }

    private List<List<String>> words() {
      if (words == null) {
        words = turns.stream().map(turn -> Words.of(turn.content())).toList();
      }
      return words;
    }

    /** Whether a turn holds these words. */
    boolean says(List<String> answer) {
      return words().stream().anyMatch(said -> Collections.indexOfSubList(said, answer) >= 0);
    }

    /** Whether the assistant gives this answer, or begins with its letter. */
    boolean answers(List<String> answer, String label) {
      for (int i = 0; i < turns.size(); i++) {
        List<String> said = words().get(i);
        if (turns.get(i).role().equals(Message.ASSISTANT)) {
          boolean text = !answer.isEmpty() && Collections.indexOfSubList(said, answer) >= 0;
          boolean letter =
              !label.isEmpty() && !said.isEmpty() && said.get(0).equalsIgnoreCase(label);
          if (text || letter) {
            return true;
          }
        }
      }
      return false;
    }
  }
}
