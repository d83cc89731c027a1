package dev.whetstone.datasets.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.whetstone.datasets.PrepareConfig.Near;
import dev.whetstone.datasets.dedup.Clusters;
import dev.whetstone.datasets.dedup.Clusters.Pair;
import dev.whetstone.datasets.dedup.Shingles;
import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NearDuplicatesTest {
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
  void candidatesAndClustersAreThoseOfComparingAllWithAll() {
    Random random = new Random(5);
    List<Conversation> rows = new ArrayList<>();
    for (int i = 0; i < 120; i++) {
      List<String> words = new ArrayList<>();
      if (i > 0 && random.nextBoolean()) {
        words.addAll(List.of(said(rows.get(random.nextInt(rows.size()))).split(" ")));
        words.set(random.nextInt(words.size()), "edit" + i);
      } else {
        random.ints(random.nextInt(3, 70), 0, 400).forEach(w -> words.add("w" + w));
      }
      String text = String.join(" ", words);
      rows.add(
          Conversation.of(
              "r" + i, List.of(Message.of("user", text), Message.of("assistant", "")), ""));
    }
    Map<Long, String> slow = new TreeMap<>();
    Clusters.of(allPairs(rows)).forEach(g -> slow.put(g.position(), g.detail()));
    assertThat(slow).hasSizeGreaterThan(20);
    assertThat(verdicts(rows, 10_000)).isEqualTo(slow);
    assertThat(verdicts(rows, 0)).as("on the executors").isEqualTo(slow);
  }

  @Test
  void longChainsAreOneComponent() {
    List<Row> edges = new ArrayList<>();
    for (long i = 0; i < 16; i++) {
      edges.add(RowFactory.create(i, i + 1));
      edges.add(RowFactory.create(1000 + (i * 7) % 17, 1000 + ((i + 1) * 7) % 17));
    }
    Dataset<Row> frame =
        spark.createDataFrame(edges, StructType.fromDDL("low BIGINT, high BIGINT"));
    List<Row> found = Components.of(frame).collectAsList();
    assertThat(found).hasSize(32);
    assertThat(found)
        .allSatisfy(r -> assertThat(r.getLong(1)).isEqualTo(r.getLong(0) < 1000 ? 0 : 1000));
  }

  private static Map<Long, String> verdicts(List<Conversation> rows, int pairsOnDriver) {
    List<Row> frame = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      frame.add(
          RowFactory.create(
              (long) i,
              rows.get(i).id(),
              "source",
              1L,
              RowColumns.structs(rows.get(i).messages()),
              null,
              null,
              null,
              null,
              null,
              "hash",
              null,
              null,
              null,
              null));
    }
    Map<Long, String> found = new TreeMap<>();
    NearDuplicates.find(
            spark.createDataFrame(frame, RowColumns.READ), new Near(true, 0.8, 5), 0, pairsOnDriver)
        .collectAsList()
        .forEach(r -> found.put(r.getLong(0), r.getString(2)));
    return found;
  }

  private static List<Pair> allPairs(List<Conversation> rows) {
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      for (int j = i + 1; j < rows.size(); j++) {
        double jaccard = Shingles.jaccard(Shingles.of(rows.get(i), 5), Shingles.of(rows.get(j), 5));
        if (jaccard >= 0.8) {
          pairs.add(new Pair(i, rows.get(i).id(), j, rows.get(j).id(), jaccard));
        }
      }
    }
    return pairs;
  }

  private static String said(Conversation row) {
    return row.messages().get(0).content();
  }
}
