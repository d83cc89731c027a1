package dev.whetstone.datasets.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.whetstone.datasets.PrepareConfig.Dedup;
import dev.whetstone.datasets.PrepareConfig.Near;
import dev.whetstone.datasets.dedup.Compared;
import dev.whetstone.datasets.dedup.ExactText;
import dev.whetstone.datasets.dedup.Keep;
import dev.whetstone.datasets.dedup.Shingles;
import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DuplicatesTest {
  private static final double THRESHOLD = 0.8;
  // Of pairs at the threshold, two in ten thousand stay unseen.
  private static final Near NEAR = new Near(true, THRESHOLD, 5, 22, 5);

  @TempDir private static Path scratch;
  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = SparkRuntime.local(2).open(1, scratch);
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @Test
  void clustersAreThoseOfComparingAllWithAll() {
    List<Conversation> rows = rowsWithCopies(new Random(5), 150);
    Map<Long, List<Integer>> slow = clustersOfAllWithAll(rows);
    assertThat(slow).hasSizeGreaterThan(60);
    for (Keep keep : List.of(Keep.FIRST, Keep.LONGEST)) {
      Map<Long, Row> found = found(rows, new Dedup(Compared.CONVERSATION, true, NEAR, keep, null));
      assertThat(found.keySet()).isEqualTo(slow.keySet());
      slow.forEach((row, cluster) -> check(rows, row.intValue(), cluster, keep, found.get(row)));
    }
  }

  private static void check(
      List<Conversation> rows, int row, List<Integer> cluster, Keep keep, Row found) {
    String at = "%s, row %d: %s".formatted(keep, row, found);
    int kept = found.<Long>getAs("kept").intValue();
    assertThat(cluster).as(at).contains(kept);
    assertThat(rank(rows, kept, keep))
        .as(at)
        .isEqualTo(cluster.stream().mapToInt(i -> rank(rows, i, keep)).max().orElseThrow());
    assertThat(found.<Long>getAs("cluster")).as(at).isEqualTo((long) cluster.get(0));
    assertThat(found.<Long>getAs("size")).as(at).isEqualTo(cluster.size());
    assertThat(found.<Double>getAs("jaccard"))
        .as(at)
        .isEqualTo(jaccard(rows.get(row), rows.get(kept)));
    double diameter = 0;
    for (int one : cluster) {
      for (int other : cluster) {
        diameter = Math.max(diameter, 1 - jaccard(rows.get(one), rows.get(other)));
      }
    }
    // Two sweeps find half of the true diameter at least (triangle inequality).
    assertThat(found.<Double>getAs("diameter"))
        .as(at)
        .isBetween(diameter / 2 - 1e-12, diameter + 1e-12);
    String reason =
        row == kept ? null : same(rows, row, kept) ? "exact-duplicate" : "near-duplicate";
    assertThat(found.<String>getAs("reason")).as(at).isEqualTo(reason);
    if (reason != null) {
      assertThat(found.<String>getAs("detail")).as(at).contains(rows.get(kept).id());
    }
  }

  @Test
  void theOrderOfRowsDoesNotDecideWhichStay() {
    List<Conversation> rows = rowsWithCopies(new Random(8), 200);
    // One band for all rows of a text that many share: more than a window of neighbours.
    for (int i = 0; i < 60; i++) {
      rows.add(
          row("many" + i, "one text that a great many rows have in common, but for " + i, "s"));
    }
    List<Conversation> shuffled = new ArrayList<>(rows);
    Collections.shuffle(shuffled, new Random(1));
    var dedup = new Dedup(Compared.CONVERSATION, true, new Near(true, 0.7, 2, 22, 5), null, null);
    assertThat(staying(shuffled, dedup)).isEqualTo(staying(rows, dedup));
  }

  private static Set<String> staying(List<Conversation> rows, Dedup dedup) {
    Map<Long, Row> found = found(rows, dedup);
    Set<String> staying = new TreeSet<>();
    for (int i = 0; i < rows.size(); i++) {
      Row row = found.get((long) i);
      if (row == null || row.getAs("reason") == null) {
        staying.add(rows.get(i).id());
      }
    }
    return staying;
  }

  @Test
  void withoutNearOnlyTheSameTextIsADuplicate() {
    List<Conversation> rows =
        List.of(
            row("a", "Hello there", "yes"), row("b", "hello  THERE", "yes"), row("c", "x", "no"));
    var dedup =
        new Dedup(
            Compared.CONVERSATION, true, new Near(false, null, null, null, null), Keep.FIRST, null);
    Map<Long, Row> found = found(rows, dedup);
    assertThat(found.keySet()).containsExactly(0L, 1L);
    assertThat(found.get(1L).<String>getAs("detail")).isEqualTo("same text as a");
    assertThat(found.get(0L).<String>getAs("reason")).isNull();
  }

  @Test
  void promptOrAnswerAloneCanBeCompared() {
    String question = "What is the capital of France, and since when has it been the capital?";
    List<Conversation> rows =
        List.of(
            row("a", question, "Paris, since the year 987 or so, with some interruptions."),
            row("b", question, "It is Paris."),
            row("c", "Name a large city on the Seine.", "It is Paris."));
    assertThat(goneBy(rows, Compared.PROMPT)).containsExactly(1L);
    assertThat(goneBy(rows, Compared.ANSWER)).containsExactly(2L);
  }

  @Test
  void aRowThatStandsAlreadyStaysWhateverTheRule() {
    String text = "the same long text of more than a dozen words for both of these rows here";
    List<Row> rows =
        new ArrayList<>(frame(List.of(row("new", text, "and an answer"))).collectAsList());
    Row known = frame(List.of(row("old", text, "and an"))).first();
    Object[] values = new Object[known.length()];
    for (int i = 0; i < values.length; i++) {
      values[i] = known.get(i);
    }
    values[RowColumns.READ.fieldIndex(RowColumns.POSITION)] = -1L;
    values[RowColumns.READ.fieldIndex(RowColumns.SOURCE)] = "out/old";
    rows.add(RowFactory.create(values.clone()));
    values[RowColumns.READ.fieldIndex(RowColumns.POSITION)] = -2L;
    rows.add(RowFactory.create(values.clone()));
    var dedup = new Dedup(Compared.CONVERSATION, true, NEAR, Keep.LONGEST, List.of("out/old"));
    List<Row> found =
        Duplicates.of(spark.createDataFrame(rows, RowColumns.READ), dedup, 0).collectAsList();
    assertThat(found).hasSize(2);
    Row gone = found.stream().filter(row -> row.getAs("reason") != null).findFirst().orElseThrow();
    assertThat(gone.<Long>getAs("position")).isZero();
    assertThat(gone.<String>getAs("detail")).startsWith("near old of out/old, Jaccard 0.9");
  }

  @Test
  void longChainsAreOneComponentInOneTaskAndInMany() {
    List<Row> edges = new ArrayList<>();
    for (long i = 0; i < 16; i++) {
      edges.add(RowFactory.create(i, i + 1));
      edges.add(RowFactory.create(1000 + (i * 7) % 17, 1000 + ((i + 1) * 7) % 17));
    }
    Dataset<Row> frame =
        spark.createDataFrame(edges, StructType.fromDDL("low BIGINT, high BIGINT"));
    for (long ofOneTask : new long[] {100, 0}) {
      List<Row> found = Components.of(frame, ofOneTask).collectAsList();
      assertThat(found).hasSize(32);
      assertThat(found)
          .allSatisfy(r -> assertThat(r.getLong(1)).isEqualTo(r.getLong(0) < 1000 ? 0 : 1000));
    }
  }

  @Test
  void plantedPairsAreFoundAsOftenAsTheCurveSays() {
    // 400 pairs at each level; rows of different pairs share nothing.
    Random random = new Random(9);
    List<Conversation> rows = new ArrayList<>();
    List<Double> jaccards = new ArrayList<>();
    int[] edits = {1, 2, 4, 7, 13};
    for (int pair = 0; pair < 400 * edits.length; pair++) {
      List<String> words = new ArrayList<>();
      for (int w = 0; w < 100; w++) {
        words.add("p" + pair + "w" + random.nextInt(100_000));
      }
      List<String> other = new ArrayList<>(words);
      for (int e = 0; e < edits[pair % edits.length]; e++) {
        other.set(random.nextInt(other.size()), "edit" + random.nextInt());
      }
      rows.add(row("one" + pair, String.join(" ", words), "ok"));
      rows.add(row("other" + pair, String.join(" ", other), "ok"));
      jaccards.add(jaccard(rows.get(2 * pair), rows.get(2 * pair + 1)));
    }
    var near = new Near(true, 0.01, 5, 14, 8);
    TreeSet<Long> edges = new TreeSet<>();
    NearPairs.of(frame(rows), near, Compared.CONVERSATION, 3)
        .edges()
        .collectAsList()
        .forEach(
            edge -> {
              assertThat(edge.getLong(1)).isEqualTo(edge.getLong(0) + 1);
              assertThat(edge.getDouble(2)).isEqualTo(jaccards.get((int) (edge.getLong(0) / 2)));
              edges.add(edge.getLong(0) / 2);
            });
    for (int level = 0; level < edits.length; level++) {
      double expected = 0;
      double found = 0;
      for (int pair = level; pair < jaccards.size(); pair += edits.length) {
        expected += 1 - Math.pow(1 - Math.pow(jaccards.get(pair), 8), 14);
        found += edges.contains((long) pair) ? 1 : 0;
      }
      // Three standard deviations of 400 draws at worst; two points are shown by acceptance.
      assertThat(found / 400).as("%d edits", edits[level]).isCloseTo(expected / 400, within(0.075));
    }
  }

  private static List<Long> goneBy(List<Conversation> rows, Compared by) {
    List<Long> gone = new ArrayList<>();
    found(rows, new Dedup(by, true, NEAR, Keep.FIRST, null))
        .forEach(
            (position, row) -> {
              if (row.getAs("reason") != null) {
                gone.add(position);
              }
            });
    return gone;
  }

  private static Map<Long, Row> found(List<Conversation> rows, Dedup dedup) {
    Map<Long, Row> found = new TreeMap<>();
    Duplicates.of(frame(rows, dedup.by()), dedup, 0)
        .collectAsList()
        .forEach(row -> found.put(row.<Long>getAs("position"), row));
    return found;
  }

  private static Dataset<Row> frame(List<Conversation> rows) {
    return frame(rows, Compared.CONVERSATION);
  }

  private static Dataset<Row> frame(List<Conversation> rows, Compared by) {
    List<Row> frame = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      Object[] values = new Object[RowColumns.READ.length()];
      values[RowColumns.READ.fieldIndex(RowColumns.POSITION)] = (long) i;
      values[RowColumns.READ.fieldIndex(RowColumns.ID)] = rows.get(i).id();
      values[RowColumns.READ.fieldIndex(RowColumns.MESSAGES)] =
          RowColumns.structs(rows.get(i).messages());
      values[RowColumns.READ.fieldIndex(RowColumns.TEXT_HASH)] = ExactText.hash(rows.get(i), by);
      frame.add(RowFactory.create(values));
    }
    return spark.createDataFrame(frame, RowColumns.READ);
  }

  /** Every row of a cluster of two and more, with all rows of its cluster in order. */
  private static Map<Long, List<Integer>> clustersOfAllWithAll(List<Conversation> rows) {
    Map<Long, List<Integer>> all = new TreeMap<>();
    boolean[] seen = new boolean[rows.size()];
    for (int start = 0; start < rows.size(); start++) {
      if (seen[start]) {
        continue;
      }
      List<Integer> cluster = new ArrayList<>();
      var queue = new ArrayDeque<>(List.of(start));
      seen[start] = true;
      while (!queue.isEmpty()) {
        int at = queue.remove();
        cluster.add(at);
        for (int other = 0; other < rows.size(); other++) {
          if (!seen[other]
              && (same(rows, at, other) || jaccard(rows.get(at), rows.get(other)) >= THRESHOLD)) {
            seen[other] = true;
            queue.add(other);
          }
        }
      }
      if (cluster.size() > 1) {
        Collections.sort(cluster);
        cluster.forEach(row -> all.put((long) row, cluster));
      }
    }
    return all;
  }

  private static int rank(List<Conversation> rows, int row, Keep keep) {
    int said = rows.get(row).messages().stream().mapToInt(m -> m.content().length()).sum();
    return keep == Keep.LONGEST ? said : -row;
  }

  private static boolean same(List<Conversation> rows, int one, int other) {
    return ExactText.hash(rows.get(one), Compared.CONVERSATION)
        .equals(ExactText.hash(rows.get(other), Compared.CONVERSATION));
  }

  private static double jaccard(Conversation one, Conversation other) {
    return Shingles.jaccard(
        Shingles.of(Compared.CONVERSATION.text(one), 5),
        Shingles.of(Compared.CONVERSATION.text(other), 5));
  }

  /** Texts of 3 to 70 words; half of them are copies of an earlier one, some with an edit. */
  private static List<Conversation> rowsWithCopies(Random random, int count) {
    List<Conversation> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      List<String> words = new ArrayList<>();
      if (i > 0 && random.nextBoolean()) {
        String earlier = rows.get(random.nextInt(rows.size())).messages().get(0).content();
        words.addAll(List.of(earlier.split(" ", -1)));
        switch (random.nextInt(3)) {
          case 0 -> words.set(random.nextInt(words.size()), "edit" + i);
          case 1 -> words.set(0, words.get(0) + " ".repeat(i)); // the same text, of another length
          default -> words.add("more".repeat(i) + i);
        }
      } else {
        random.ints(random.nextInt(3, 70), 0, 400).forEach(w -> words.add("w" + w));
      }
      rows.add(row("r" + i, String.join(" ", words), "said"));
    }
    return rows;
  }

  private static Conversation row(String id, String user, String assistant) {
    return Conversation.of(
        id, List.of(Message.of("user", user), Message.of("assistant", assistant)), "");
  }
}
