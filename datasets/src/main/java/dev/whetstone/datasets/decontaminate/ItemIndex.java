package dev.whetstone.datasets.decontaminate;

import dev.whetstone.artifacts.items.ItemsFolder.Item;
import dev.whetstone.datasets.dedup.Hash64;
import dev.whetstone.datasets.dedup.Words;
import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds benchmark items in training rows, by words as {@link Words} has them.
 *
 * <p>The rule. Questions and rows are cut into runs of n words. Runs that a large part of a task's
 * questions share (more than {@link #BOILERPLATE_SHARE} of them, and at least {@link
 * #BOILERPLATE_ITEMS}) are its instructions; they say nothing about an item and are left out. A row
 * is contaminated by an item when one turn of its user or assistant
 *
 * <ul>
 *   <li>holds at least {@code minShare} of the question's other runs, or
 *   <li>for a question of fewer than n words, or whose runs are all instructions: holds the whole
 *       question as one run, provided that this is at least {@link #MIN_WORDS} words, and one of
 *       the item's turns' gold answer as well, where the question is shorter than n.
 * </ul>
 *
 * <p>System turns are not searched: they hold instructions that all rows share. An answer alone is
 * no evidence: short answers occur everywhere.
 *
 * <p>Memory: 16 bytes and some overhead per run of a question, once per JVM; safe for threads.
 */
public final class ItemIndex {
  /** Below this many words a question is too common to be evidence. */
  static final int MIN_WORDS = 4;

  static final double BOILERPLATE_SHARE = 0.1;
  static final int BOILERPLATE_ITEMS = 5;

  /** Words of evidence that a report shows. */
  private static final int EVIDENCE_WORDS = 20;

  private record Question(String task, int docId, long[] runs, List<String> answer) {}

  private final int n;
  private final double minShare;
  private final List<Question> questions = new ArrayList<>();

  /** Questions by each of their runs of n words. */
  private final Map<Long, int[]> byRun = new HashMap<>();

  /** Short questions by the hash of all their words, and the lengths that occur. */
  private final Map<Long, int[]> byWhole = new HashMap<>();

  private final int[] wholeLengths;

  /**
   * An index of all items.
   *
   * @param n words of a run
   * @param minShare of a question's runs that make a row contaminated, in (0, 1]
   */
  public ItemIndex(List<Item> items, int n, double minShare) {
    this.n = n;
    this.minShare = minShare;
    Map<String, List<Item>> byTask = new LinkedHashMap<>();
    items.forEach(item -> byTask.computeIfAbsent(item.task(), t -> new ArrayList<>()).add(item));
    Set<Integer> lengths = new HashSet<>();
    byTask.forEach((task, ofTask) -> addTask(task, ofTask, lengths));
    this.wholeLengths = lengths.stream().mapToInt(Integer::intValue).sorted().toArray();
  }

  private void addTask(String task, List<Item> items, Set<Integer> lengths) {
    List<List<String>> words = items.stream().map(i -> Words.of(i.question())).toList();
    List<long[]> runs = words.stream().map(w -> distinct(runs(w, n))).toList();
    Map<Long, Integer> frequency = new HashMap<>();
    runs.forEach(r -> Arrays.stream(r).forEach(run -> frequency.merge(run, 1, Integer::sum)));
    double common = Math.max(BOILERPLATE_ITEMS, BOILERPLATE_SHARE * items.size());
    for (int i = 0; i < items.size(); i++) {
      long[] telling =
          Arrays.stream(runs.get(i)).filter(run -> frequency.get(run) <= common).toArray();
      int question = questions.size();
      List<String> answers = items.get(i).answers();
      boolean needsAnswer = words.get(i).size() < n && !answers.isEmpty();
      questions.add(
          new Question(
              task,
              items.get(i).docId(),
              telling,
              needsAnswer ? Words.of(answers.get(0)) : List.of()));
      for (long run : telling) {
        byRun.merge(run, new int[] {question}, ItemIndex::joined);
      }
      int length = words.get(i).size();
      if (telling.length == 0 && length >= MIN_WORDS) {
        lengths.add(length);
        byWhole.merge(hash(words.get(i), 0, length), new int[] {question}, ItemIndex::joined);
      }
    }
  }

  /** The item that most of is found in the row; of equal ones the first. */
  public Optional<Contamination> find(Conversation row) {
    if (questions.isEmpty()) {
      return Optional.empty();
    }
    Contamination worst = null;
    for (Message turn : row.messages()) {
      if (turn.role().equals(Message.SYSTEM) || turn.role().equals(Message.TOOL)) {
        continue;
      }
      List<String> words = Words.of(turn.content());
      Contamination found = overlap(words);
      if (found == null) {
        found = whole(words, row);
      }
      if (found != null && (worst == null || found.share() > worst.share())) {
        worst = found;
      }
    }
    return Optional.ofNullable(worst);
  }

  private Contamination overlap(List<String> words) {
    long[] runs = runs(words, n);
    Map<Integer, Integer> shared = new HashMap<>();
    for (long run : distinct(runs.clone())) {
      for (int question : byRun.getOrDefault(run, new int[0])) {
        shared.merge(question, 1, Integer::sum);
      }
    }
    int best = -1;
    double bestShare = 0;
    for (var entry : shared.entrySet()) {
      int question = entry.getKey();
      double share = (double) entry.getValue() / questions.get(question).runs().length;
      boolean first = share == bestShare && question < best;
      if (share >= minShare && (share > bestShare || first)) {
        best = question;
        bestShare = share;
      }
    }
    if (best < 0) {
      return null;
    }
    Question question = questions.get(best);
    return new Contamination(
        question.task(), question.docId(), bestShare, evidence(words, runs, question.runs()));
  }

  private Contamination whole(List<String> words, Conversation row) {
    for (int length : wholeLengths) {
      for (int from = 0; from + length <= words.size(); from++) {
        for (int index : byWhole.getOrDefault(hash(words, from, length), new int[0])) {
          Question question = questions.get(index);
          if (question.answer().isEmpty() || holds(row, question.answer())) {
            return new Contamination(
                question.task(),
                question.docId(),
                1,
                String.join(" ", words.subList(from, from + Math.min(length, EVIDENCE_WORDS))));
          }
        }
      }
    }
    return null;
  }

  private static boolean holds(Conversation row, List<String> answer) {
    return row.messages().stream()
        .filter(m -> !m.role().equals(Message.SYSTEM))
        .map(m -> Words.of(m.content()))
        .anyMatch(words -> Collections.indexOfSubList(words, answer) >= 0);
  }

  /** The longest stretch of words whose runs are all the question's. */
  private String evidence(List<String> words, long[] runs, long[] ofQuestion) {
    Set<Long> known = new HashSet<>();
    Arrays.stream(ofQuestion).forEach(known::add);
    int bestFrom = 0;
    int bestTo = 0;
    for (int from = 0; from < runs.length; from++) {
      int to = from;
      while (to < runs.length && known.contains(runs[to])) {
        to++;
      }
      if (to - from > bestTo - bestFrom) {
        bestFrom = from;
        bestTo = to;
      }
      from = Math.max(from, to);
    }
    int end = Math.min(Math.min(words.size(), bestTo + n - 1), bestFrom + EVIDENCE_WORDS);
    return String.join(" ", words.subList(bestFrom, end));
  }

  private static long[] runs(List<String> words, int n) {
    if (words.size() < n) {
      return new long[0];
    }
    long[] each = words.stream().mapToLong(Hash64::of).toArray();
    long[] runs = new long[each.length - n + 1];
    for (int i = 0; i < runs.length; i++) {
      runs[i] = Hash64.ofRun(each, i, n);
    }
    return runs;
  }

  private static long hash(List<String> words, int from, int length) {
    long hash = length;
    for (int i = from; i < from + length; i++) {
      hash = Hash64.append(hash, Hash64.of(words.get(i)));
    }
    return hash;
  }

  private static long[] distinct(long[] runs) {
    return Arrays.stream(runs).sorted().distinct().toArray();
  }

  private static int[] joined(int[] left, int[] right) {
    int[] both = Arrays.copyOf(left, left.length + right.length);
    System.arraycopy(right, 0, both, left.length, right.length);
    return both;
  }
}
