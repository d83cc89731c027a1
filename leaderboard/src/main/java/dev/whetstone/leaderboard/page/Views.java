package dev.whetstone.leaderboard.page;

import java.util.List;
import java.util.Optional;

/**
 * What the templates lay out: text that is ready to show, not yet escaped. Links start at the
 * site's root.
 */
public final class Views {
  private Views() {}

  /**
   * A verdict on a badge.
   *
   * @param kind style: {@code improved}, {@code regressed}, {@code unchanged} or {@code unclear}
   * @param sentence the whole verdict
   * @param samples link to the sample browser; empty if nothing was compared
   */
  public record Badge(String label, String kind, String sentence, String samples) {
    /** The sentence with its numbers kept from line breaks. */
    public String unbroken() {
      return Sentences.unbroken(sentence);
    }
  }

  /**
   * One score.
   *
   * @param isBest whether no other on the same task is better
   * @param sort number to sort by, as text; empty where undefined
   * @param missing why there is no score; empty if there is one
   * @param link to the result that it comes from
   * @param exposure what the model was trained on of the documents; empty where nobody looked
   */
  public record Score(
      String task,
      String metric,
      String value,
      boolean isBest,
      String sort,
      String interval,
      Optional<ErrorBar> bar,
      String shots,
      String n,
      String method,
      String missing,
      String link,
      Optional<Badge> badge,
      Optional<Exposed> exposure) {}

  /**
   * What a model was trained on of a task's documents.
   *
   * @param isTrained whether it was on any
   * @param brief a few words for a cell; empty where it was on none
   */
  public record Exposed(boolean isTrained, String brief, String sentence) {}

  /** A contender's row. {@code kind} is {@code base} or {@code adapter}. */
  public record Row(
      String name,
      String kind,
      String about,
      String link,
      List<Score> scores,
      Fact tokens,
      Fact trained,
      Fact evaluated) {}

  /** A named text; {@code sort} is its number, empty if it has none. */
  public record Fact(String name, String value, String sort) {
    static Fact of(String name, String value) {
      return new Fact(name, value, "");
    }
  }

  /**
   * A verdict on the front page.
   *
   * @param gain the difference, which the sentence starts with; empty if nothing was compared
   * @param rest of the sentence
   * @param bar of the difference, with no difference in the middle
   * @param higherIsBetter whether the bar's right half is the better one
   */
  public record Headline(
      String name,
      String link,
      String task,
      Badge badge,
      String gain,
      String rest,
      Optional<ErrorBar> bar,
      boolean higherIsBetter) {}

  /** A task as a column; {@code first} is the order that puts the best on top. */
  public record Column(String task, String metric, String scale, String first) {}

  /** The front page. */
  public record Board(
      List<Column> columns,
      List<Row> rows,
      List<Headline> headlines,
      String summary,
      String made,
      boolean scheduled) {}

  /** A box of the lineage picture; {@code parts} draw a bar of what was kept and dropped. */
  public record Step(String kind, String name, String hash, List<Fact> facts, List<Part> parts) {}

  /** A part of a bar: its place and width in hundredths. */
  public record Part(String name, String count, boolean kept, String at, String width) {}

  /** A contender's page. */
  public record Model(
      String name,
      String about,
      List<Headline> headlines,
      List<Score> scores,
      List<Step> lineage,
      List<Link> results) {}

  /** A link with what is behind it. */
  public record Link(String text, String about, String link) {}

  /** A result's page. */
  public record Result(
      String name,
      String link,
      String about,
      List<Score> scores,
      List<Fact> facts,
      List<Fact> versions,
      String command,
      String recipe,
      List<Link> configs) {}

  /** A text with the pieces marked that differ from the expected one. */
  public record Marked(String text, boolean differs) {}

  /**
   * A text, or what stands in its place.
   *
   * @param pieces that make up the text; none if it is not published
   * @param instead of the text, such as the beginning of its hash; empty if the text is there
   * @param hash of the text, whole; empty if the text is there, or not even its hash is published
   */
  public record Shown(List<Marked> pieces, String instead, String hash) {}

  /** One document of a comparison. */
  public record Document(
      String id,
      String group,
      String label,
      Shown question,
      String earlier,
      Shown expected,
      Shown before,
      Shown after,
      String scoreBefore,
      String scoreAfter) {}

  /**
   * A choice of documents.
   *
   * @param show its name in the address; empty for all documents
   * @param groups of the documents in it, separated by blanks
   */
  public record Group(String show, String groups, String label, String count) {}

  /**
   * The sample browser of a comparison.
   *
   * @param note what is not published; empty if everything is
   * @param data link to the same for programs
   * @param pages its files where there are several
   */
  public record Samples(
      String name,
      String link,
      String task,
      String metric,
      Badge badge,
      String baseline,
      String candidate,
      String note,
      String data,
      List<Group> groups,
      List<Document> documents,
      List<Link> pages) {}
}
