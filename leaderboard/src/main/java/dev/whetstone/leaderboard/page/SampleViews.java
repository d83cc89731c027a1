package dev.whetstone.leaderboard.page;

import dev.whetstone.leaderboard.entry.Sample;
import dev.whetstone.leaderboard.page.Views.Badge;
import dev.whetstone.leaderboard.page.Views.Document;
import dev.whetstone.leaderboard.page.Views.Group;
import dev.whetstone.leaderboard.page.Views.Link;
import dev.whetstone.leaderboard.page.Views.Marked;
import dev.whetstone.leaderboard.page.Views.Samples;
import dev.whetstone.leaderboard.verdict.Comparison;
import dev.whetstone.leaderboard.verdict.Side;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A comparison document by document: what it broke first, then what it fixed, then the rest. */
final class SampleViews {
  /** Documents of one file; a page of more is slow to open. */
  static final int PAGE_DOCUMENTS = 500;

  private static final int QUESTION_CHARACTERS = 1500;

  /** The groups in the order of the page. Right and wrong are only told of scores of 0 and 1. */
  private enum Outcome {
    BROKE("broke", "worse"),
    FIXED("fixed", "better"),
    WRONG("both wrong", "both 0"),
    RIGHT("both right", "same");

    private final String binary;
    private final String graded;

    Outcome(String binary, String graded) {
      this.binary = binary;
      this.graded = graded;
    }

    String label(boolean isBinary) {
      return isBinary ? binary : graded;
    }

    String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private SampleViews() {}

  private record Pair(Sample before, Sample after, double gain, Outcome outcome) {}

  /** How many files the sample browser of a comparison takes. */
  static int files(Comparison by) {
    return (by.candidate().result().samples().size() + PAGE_DOCUMENTS - 1) / PAGE_DOCUMENTS;
  }

  /** The {@code file}th file of the sample browser, from 1 on. */
  static Samples of(String name, String link, Comparison by, Badge badge, int file) {
    boolean isBinary = by.pairs().isPresent();
    List<Pair> pairs = pairs(by);
    int files = files(by);
    var pages = new ArrayList<Link>();
    for (int page = 1; files > 1 && page <= files; page++) {
      pages.add(new Link("part " + page, "", Addresses.samples(by.candidate(), page)));
    }
    int end = Math.min(pairs.size(), file * PAGE_DOCUMENTS);
    return new Samples(
        name,
        link,
        by.candidate().result().task(),
        Sentences.metric(by.metric()),
        badge,
        side(by.baseline()),
        side(by.candidate()),
        groups(pairs, isBinary),
        pairs.subList((file - 1) * PAGE_DOCUMENTS, end).stream()
            .map(pair -> document(pair, by, isBinary))
            .toList(),
        pages);
  }

  /** All, then what differs between the two, then what the adapter got wrong, then each outcome. */
  private static List<Group> groups(List<Pair> pairs, boolean isBinary) {
    var groups = new ArrayList<Group>();
    groups.add(group("", "all", pairs, List.of(Outcome.values())));
    groups.add(
        group(
            "flipped",
            isBinary ? "flipped" : "changed",
            pairs,
            List.of(Outcome.BROKE, Outcome.FIXED)));
    if (isBinary) {
      groups.add(
          group("missed", "adapter wrong", pairs, List.of(Outcome.BROKE, Outcome.WRONG)));
    }
    for (Outcome outcome : Outcome.values()) {
      groups.add(group(outcome.key(), outcome.label(isBinary), pairs, List.of(outcome)));
    }
    return groups;
  }

  private static Group group(
      String show, String label, List<Pair> pairs, List<Outcome> outcomes) {
    return new Group(
        show,
        String.join(" ", outcomes.stream().map(Outcome::key).toList()),
        label,
        Numbers.count(pairs.stream().filter(pair -> outcomes.contains(pair.outcome)).count()));
  }

  private static String side(Side side) {
    return "%s, %d-shot".formatted(side.entry().name(), side.result().shots());
  }

  private static List<Pair> pairs(Comparison by) {
    Map<Long, Sample> others = new HashMap<>();
    by.baseline().result().samples().forEach(sample -> others.put(sample.docId(), sample));
    return by.candidate().result().samples().stream()
        .map(after -> pair(others.get(after.docId()), after, by))
        .sorted(Comparator.comparing(Pair::outcome).thenComparingLong(pair -> pair.after.docId()))
        .toList();
  }

  private static Pair pair(Sample before, Sample after, Comparison by) {
    double earlier = before.scores().get(by.metric());
    double later = after.scores().get(by.metric());
    double gain = by.higherIsBetter() ? later - earlier : earlier - later;
    Outcome same = later == 0 ? Outcome.WRONG : Outcome.RIGHT;
    return new Pair(
        before, after, gain, gain > 0 ? Outcome.FIXED : gain < 0 ? Outcome.BROKE : same);
  }

  private static Document document(Pair pair, Comparison by, boolean isBinary) {
    // The prompt with fewer examples is nearer to the bare question.
    Sample asked =
        by.baseline().result().shots() < by.candidate().result().shots() ? pair.before : pair.after;
    String prompt = asked.prompt();
    int cut = Math.max(0, prompt.length() - QUESTION_CHARACTERS);
    if (cut > 0 && Character.isLowSurrogate(prompt.charAt(cut))) {
      cut++;
    }
    String target = pair.after.target();
    return new Document(
        Long.toString(pair.after.docId()),
        pair.outcome.key(),
        pair.outcome.label(isBinary),
        prompt.substring(cut).strip(),
        prompt.substring(0, cut).strip(),
        target,
        marked(target, pair.before.answer()),
        marked(target, pair.after.answer()),
        score(pair.before, by),
        score(pair.after, by));
  }

  private static String score(Sample sample, Comparison by) {
    return String.format(Locale.ROOT, "%.3g", sample.scores().get(by.metric()));
  }

  private static List<Marked> marked(String expected, String answer) {
    return TextDifference.pieces(expected.strip(), answer.strip()).stream()
        .map(piece -> new Marked(piece.text(), piece.differs()))
        .toList();
  }
}
