package dev.whetstone.leaderboard.page;

import dev.whetstone.artifacts.Publish;
import dev.whetstone.leaderboard.entry.Publishing;
import dev.whetstone.leaderboard.entry.Sample;
import dev.whetstone.leaderboard.page.SamplePair.Outcome;
import dev.whetstone.leaderboard.page.Views.Badge;
import dev.whetstone.leaderboard.page.Views.Document;
import dev.whetstone.leaderboard.page.Views.Group;
import dev.whetstone.leaderboard.page.Views.Link;
import dev.whetstone.leaderboard.page.Views.Marked;
import dev.whetstone.leaderboard.page.Views.Samples;
import dev.whetstone.leaderboard.page.Views.Shown;
import dev.whetstone.leaderboard.verdict.Comparison;
import dev.whetstone.leaderboard.verdict.Side;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A comparison document by document. Texts that are not published were taken out before. */
final class SampleViews {
  /** Documents of one file; a page of more is slow to open. */
  static final int PAGE_DOCUMENTS = 500;

  private static final int QUESTION_CHARACTERS = 1500;
  private static final int DIGITS_SHOWN = 12;

  private SampleViews() {}

  /** How many files the sample browser of a comparison takes; 0 if no document is published. */
  static int files(Comparison by) {
    return publishing(by).documents() == Publish.NONE
        ? 0
        : (by.candidate().result().samples().size() + PAGE_DOCUMENTS - 1) / PAGE_DOCUMENTS;
  }

  private static Publishing publishing(Comparison by) {
    return by.candidate().result().publishing();
  }

  /** The {@code file}th file of the sample browser, from 1 on. */
  static Samples of(String name, String link, Comparison by, Badge badge, int file) {
    boolean isBinary = by.pairs().isPresent();
    List<SamplePair> pairs = SamplePair.of(by);
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
        note(publishing(by)),
        Addresses.samplesData(by.candidate()),
        groups(pairs, isBinary),
        pairs.subList((file - 1) * PAGE_DOCUMENTS, end).stream()
            .map(pair -> document(pair, by, isBinary))
            .toList(),
        pages);
  }

  private static String note(Publishing publishing) {
    if (publishing.documents() == Publish.HASHES) {
      return "The texts of this task are not published. Each stands here as the beginning of its"
          + " SHA-256; the data hold all of it.";
    }
    return publishing.answers() == publishing.documents()
        ? ""
        : "The adapter’s answers are not published: the dataset that it was trained on does not"
            + " allow it.";
  }

  /** All, then what differs between the two, then what the adapter got wrong, then each outcome. */
  private static List<Group> groups(List<SamplePair> pairs, boolean isBinary) {
    var groups = new ArrayList<Group>();
    groups.add(group("", "all", pairs, List.of(Outcome.values())));
    groups.add(
        group(
            "flipped",
            isBinary ? "flipped" : "changed",
            pairs,
            List.of(Outcome.BROKE, Outcome.FIXED)));
    if (isBinary) {
      groups.add(group("missed", "adapter wrong", pairs, List.of(Outcome.BROKE, Outcome.WRONG)));
    }
    for (Outcome outcome : Outcome.values()) {
      groups.add(group(outcome.key(), outcome.label(isBinary), pairs, List.of(outcome)));
    }
    return groups;
  }

  private static Group group(
      String show, String label, List<SamplePair> pairs, List<Outcome> outcomes) {
    return new Group(
        show,
        String.join(" ", outcomes.stream().map(Outcome::key).toList()),
        label,
        Numbers.count(pairs.stream().filter(pair -> outcomes.contains(pair.outcome())).count()));
  }

  private static String side(Side side) {
    return "%s, %d-shot".formatted(side.entry().name(), side.result().shots());
  }

  private static Document document(SamplePair pair, Comparison by, boolean isBinary) {
    Publish documents = publishing(by).documents();
    Sample after = pair.after();
    String prompt = pair.asked().prompt();
    int cut = documents == Publish.TEXT ? Math.max(0, prompt.length() - QUESTION_CHARACTERS) : 0;
    if (cut > 0 && Character.isLowSurrogate(prompt.charAt(cut))) {
      cut++;
    }
    return new Document(
        Long.toString(after.docId()),
        pair.outcome().key(),
        pair.outcome().label(isBinary),
        shown(documents, prompt.substring(cut).strip()),
        prompt.substring(0, cut).strip(),
        shown(documents, after.target()),
        answer(by.baseline(), pair.before(), after.target()),
        answer(by.candidate(), after, after.target()),
        score(pair.before(), by),
        score(after, by));
  }

  private static Shown shown(Publish publish, String text) {
    return switch (publish) {
      case TEXT -> new Shown(List.of(new Marked(text, false)), "", "");
      case HASHES -> new Shown(List.of(), "SHA-256 " + text.substring(0, DIGITS_SHOWN) + "…", text);
      case NONE -> new Shown(List.of(), "not published", "");
    };
  }

  private static Shown answer(Side side, Sample sample, String expected) {
    Publishing publishing = side.result().publishing();
    if (publishing.answers() != Publish.TEXT) {
      return shown(publishing.answers(), sample.answer());
    }
    return new Shown(
        TextDifference.pieces(expected.strip(), sample.answer().strip()).stream()
            .map(piece -> new Marked(piece.text(), piece.differs()))
            .toList(),
        "",
        "");
  }

  private static String score(Sample sample, Comparison by) {
    return String.format(Locale.ROOT, "%.3g", sample.scores().get(by.metric()));
  }
}
