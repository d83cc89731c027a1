package dev.whetstone.datasets.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.datasets.PrepareConfig.Cap;
import dev.whetstone.datasets.PrepareConfig.Source;
import dev.whetstone.datasets.mixture.Quotas;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class MixtureTest {
  /** Files of three sources: the first has two, then one each. */
  private static final int[] FIRST_FILES = {0, 2, 3};

  private static final int LONGEST = 40;

  private static SparkSession spark;

  @BeforeAll
  static void open() {
    spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.shuffle.partitions", "2")
            .getOrCreate();
  }

  @AfterAll
  static void close() {
    spark.stop();
  }

  private static Source source(String name, Double weight, Cap cap, Double repeat) {
    return new Source(name, "jsonl", null, null, null, null, weight, cap, repeat);
  }

  /** Rows of three sources, a tenth of them for validation, a few dropped already. */
  private static Dataset<Row> placed(int partitions) {
    Random random = new Random(4);
    List<Row> rows = new ArrayList<>();
    int[] perFile = {150, 150, 400, 90};
    for (int file = 0; file < perFile.length; file++) {
      for (int line = 1; line <= perFile[file]; line++) {
        int length = 1 + random.nextInt(LONGEST);
        boolean dropped = line % 50 == 0;
        Map<String, Object> values = new TreeMap<>();
        values.put("position", ((long) file << 40) | line);
        values.put("id", "f" + file + "-" + line);
        values.put("row_order", random.nextLong() >>> 1);
        values.put("row_range", 0);
        values.put("split", line % 10 == 0 ? "validation" : "train");
        values.put("length", length);
        values.put("targets", 1);
        values.put("piece", 0);
        values.put("cut", 0);
        values.put("digest", dropped ? null : "sha256:" + file + "-" + line);
        values.put("reason", dropped ? "too-long" : null);
        rows.add(
            RowFactory.create(
                java.util.Arrays.stream(RowColumns.TOKENISED.fieldNames())
                    .map(values::get)
                    .toArray()));
      }
    }
    Collections.shuffle(rows, new Random(partitions));
    return spark.createDataFrame(rows, RowColumns.TOKENISED).repartition(partitions);
  }

  private static Mixture mix(List<Source> sources, int partitions) {
    return Mixture.of(placed(partitions), sources, FIRST_FILES, 7, true);
  }

  private static List<String> kept(Mixture mixture) {
    return mixture.rows().where("reason IS NULL").select("id").collectAsList().stream()
        .map(row -> row.getString(0))
        .sorted()
        .toList();
  }

  @Test
  void weightsHoldInTokensToWithinARowOfEachSource() {
    List<Source> sources =
        List.of(
            source("a", 0.3, null, null),
            source("b", 0.5, null, null),
            source("c", 0.2, null, null));
    Mixture mixture = mix(sources, 3);
    long whole = mixture.shares().stream().mapToLong(Mixture.Share::amount).sum();
    for (Mixture.Share share : mixture.shares()) {
      assertThat((double) share.amount())
          .as(share.source())
          .isCloseTo(share.weight() * whole, within(3.0 * LONGEST));
      assertThat(share.share()).isCloseTo(share.weight(), within(3.0 * LONGEST / whole));
    }
    assertThat(mixture.shares().stream().filter(share -> share.leftOut() == 0))
        .as("one source is taken in full")
        .isNotEmpty();
    assertThat(mixture.more()).isZero();
    assertThat(mixture.rows().where("split = 'validation' AND reason = 'mixture'").count())
        .as("validation rows stay")
        .isZero();
    assertThat(mixture.rows().count()).isEqualTo(placed(1).count());
    assertThat(kept(mixture)).as("partitions do not matter").isEqualTo(kept(mix(sources, 5)));
  }

  @Test
  void capsHoldOverBothSplits() {
    Mixture mixture =
        mix(
            List.of(
                source("a", null, new Cap(37L, null), null),
                source("b", null, new Cap(null, 900L), null),
                source("c", null, null, null)),
            2);
    List<String> kept = kept(mixture);
    assertThat(kept.stream().filter(id -> id.matches("f[01].*"))).hasSize(37);
    long tokens =
        mixture
            .rows()
            .where("reason IS NULL AND id LIKE 'f2%'")
            .selectExpr("sum(length)")
            .first()
            .getLong(0);
    assertThat(tokens).isBetween(900L - LONGEST, 900L);
    assertThat(kept.stream().filter(id -> id.startsWith("f3"))).hasSize(90 - 1);
    assertThat(mixture.rows().where("reason = 'mixture'").select("detail").first().getString(0))
        .matches("source [ab] has its share without it");
  }

  @Test
  void repeatedRowsStandUnderIdsOfTheirOwn() {
    Mixture mixture =
        mix(
            List.of(
                source("a", null, null, null),
                source("b", null, null, 0.5),
                source("c", null, null, 2.0)),
            2);
    List<String> kept = kept(mixture);
    assertThat(kept).doesNotHaveDuplicates();
    long training = placed(1).where("reason IS NULL AND split = 'train' AND id LIKE 'f3%'").count();
    assertThat(kept.stream().filter(id -> id.matches("f3.*~2"))).hasSize((int) training);
    assertThat(mixture.more()).isEqualTo(training);
    Mixture.Share half = mixture.shares().get(1);
    long all =
        placed(1)
            .where("reason IS NULL AND split = 'train' AND id LIKE 'f2%'")
            .selectExpr("sum(length)")
            .first()
            .getLong(0);
    assertThat(half.amount()).isBetween(all / 2 - LONGEST, all / 2 + 1);
  }

  @Test
  void aWeightWithoutRowsIsAnError() {
    Dataset<Row> none = placed(1).where("id LIKE 'f0%'");
    List<Source> sources = List.of(source("a", 1.0, null, null), source("b", 1.0, null, null));
    assertThatThrownBy(() -> Mixture.of(none, sources, new int[] {0, 2}, 7, true))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("source b: expected rows to train on");
  }

  @Test
  void withoutWeightsAndCapsNothingIsTouched() {
    Dataset<Row> placed = placed(1);
    Mixture mixture = Mixture.of(placed, List.of(new Source("raw", null)), new int[1], 7, true);
    assertThat(mixture.rows()).isSameAs(placed);
    assertThat(mixture.shares()).isEmpty();
  }

  @Test
  void quotasAreTheLargestThatTheSourcesAllow() {
    assertThat(Quotas.of(new long[] {100, 300}, new double[] {1, 1}, new double[] {1, 1}))
        .containsExactly(100, 100);
    assertThat(Quotas.of(new long[] {100, 300}, new double[] {1, 1}, new double[] {2.5, 1}))
        .containsExactly(250, 250);
    assertThat(Quotas.of(new long[] {100, 300}, new double[0], new double[] {2.5, 0.5}))
        .containsExactly(250, 150);
  }
}
