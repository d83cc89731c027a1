package dev.whetstone.datasets.job;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.format_string;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.split;
import static org.apache.spark.sql.functions.when;

import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.ContentHash;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.Manifest;
import dev.whetstone.artifacts.StepId;
import dev.whetstone.artifacts.Versions;
import dev.whetstone.artifacts.dataset.DatasetFolder;
import dev.whetstone.artifacts.items.ItemsFolder;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.datasets.PrepareConfig;
import dev.whetstone.datasets.job.SourceFiles.SourceFile;
import dev.whetstone.datasets.layout.HuggingFaceFolder;
import dev.whetstone.datasets.pack.BestFit;
import dev.whetstone.datasets.pack.PackPlanWriter;
import dev.whetstone.datasets.report.ReportData;
import dev.whetstone.datasets.report.ReportPage;
import dev.whetstone.datasets.rows.DropReason;
import dev.whetstone.datasets.sink.HfArrowSource;
import dev.whetstone.datasets.split.RowOrder;
import dev.whetstone.datasets.tokens.ModelText;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.functions;
import org.apache.spark.storage.StorageLevel;

/**
 * Raw rows to a dataset folder. {@link #run} is the page: the steps in order.
 *
 * <p>No row reaches the driver, but for a few examples of the report. The driver holds the length
 * of each row (4 bytes) for the pack plan. The folder must be on a disk that driver and executors
 * share; sources may be on any file system that Hadoop knows.
 */
public final class PrepareDataset {
  /** Raise it when the same rows and recipe would give another dataset. */
  static final int BEHAVIOUR_VERSION = 1;

  private static final int EXAMPLES = 4;
  private static final List<String> SPLITS = List.of(RowOrder.TRAIN, RowOrder.VALIDATION);

  private final String name;
  private final PrepareConfig config;
  private final SparkRuntime runtime;
  private final Clock clock;

  /**
   * A job that can be run.
   *
   * @param name of the recipe
   * @param clock for the manifest's start and duration
   */
  public PrepareDataset(String name, PrepareConfig config, SparkRuntime runtime, Clock clock) {
    this.name = name;
    this.config = config;
    this.runtime = runtime;
    this.clock = clock;
  }

  /**
   * Makes the dataset, or finds that {@code folder} already holds the result of this very work.
   *
   * @throws dev.whetstone.artifacts.BadInputException if an input is missing or damaged, or the
   *     folder holds other work and {@code overwrite} is false
   */
  public DatasetFolder run(Path folder, boolean overwrite) {
    Instant started = clock.instant();
    try (Steps steps = new Steps()) {
      Inputs inputs = steps.run("look at the inputs", this::look, Inputs::sentence);
      String id = StepId.of("prepare", BEHAVIOUR_VERSION, inputs.section(config), inputs.hashes());
      if (ArtifactFolder.isDone(folder, DatasetFolder.FORMAT, id)) {
        System.err.printf("prepare: %s is unchanged, reused%n", folder);
        return DatasetFolder.open(folder);
      }
      ArtifactFolder.begin(folder, overwrite);
      SparkSession spark =
          steps.run(
              "start Spark",
              () -> runtime.open(inputs.sizeBytes()),
              s -> s.sparkContext().master());
      try {
        steps.watch(spark.sparkContext());
        return make(spark, steps, folder, inputs, id, started);
      } finally {
        spark.stop();
      }
    }
  }

  private DatasetFolder make(
      SparkSession spark, Steps steps, Path folder, Inputs inputs, String id, Instant started) {
    Dataset<Row> rows =
        ReadAndClean.rows(spark, inputs.blocks(), config.personalData(), inputs.items(config));
    rows.persist(StorageLevel.MEMORY_AND_DISK());
    Map<String, Long> read =
        steps.run(
            "read, clean, look for benchmark items", () -> byReason(rows), PrepareDataset::left);
    Dataset<Row> alive = rows.where(col("reason").isNull());

    Dataset<Row> exact = exactDuplicates(alive);
    steps.run("exact duplicates", exact::count, n -> "%,d rows".formatted(n));
    Dataset<Row> near =
        nearDuplicates(
            alive.join(exact.select("position"), new String[] {"position"}, "left_anti"), rows);
    steps.run("near duplicates", near::count, n -> "%,d rows".formatted(n));
    Dataset<Row> duplicates = exact.union(near);

    Dataset<Row> unique =
        alive.join(duplicates.select("position"), new String[] {"position"}, "left_anti");
    Dataset<Row> placed =
        PlaceAndTokenise.of(unique, config, inputs.text(), runtime.writers(inputs.sizeBytes()));
    placed.persist(StorageLevel.MEMORY_AND_DISK());
    Map<String, SplitSummary> splits =
        steps.run(
            "split, tokenise, put in order", () -> SplitSummary.of(placed), PrepareDataset::kept);

    steps.run("write rows", () -> write(placed, folder, splits), n -> "%,d rows".formatted(n));
    Map<String, List<int[]>> packs =
        steps.run("plan packs", () -> packs(folder, splits), PrepareDataset::packed);
    Dataset<Row> dropped =
        DroppedRows.ofReading(rows)
            .union(DroppedRows.ofDuplicates(rows, duplicates))
            .union(DroppedRows.ofTokenising(placed));
    dropped.persist(StorageLevel.MEMORY_AND_DISK());
    Map<DropReason, Long> reasons =
        steps.run(
            "write dropped rows",
            () -> writeDropped(dropped, folder),
            r -> "%,d rows".formatted(sum(r)));

    Map<String, Long> changes = changes(alive);
    Counts counts = Counts.of(sum(read), splits, reasons, changes);
    Manifest manifest = manifest(inputs, id, splits, counts, started);
    steps.run(
        "write the report",
        () -> report(folder, inputs, manifest, splits, packs, reasons, changes, dropped, rows),
        Path::toString);
    ArtifactFolder.finish(folder, manifest);
    return DatasetFolder.open(folder);
  }

  /** What goes in, hashed. */
  private Inputs look() {
    Runtime machine = Runtime.getRuntime();
    List<SourceFile> sources = SourceFiles.look(config.sources(), machine.availableProcessors());
    List<ItemsFolder> items =
        config.decontaminate().stream().map(d -> ItemsFolder.open(Path.of(d))).toList();
    Optional<ModelFolder> model =
        config.model().isEmpty()
            ? Optional.empty()
            : Optional.of(ModelFolder.open(Path.of(config.model())));
    return new Inputs(sources, items, model, model.map(m -> ModelText.read(m.path())));
  }

  /** Of equal texts, all but the first row: position, reason, detail, kept. */
  private Dataset<Row> exactDuplicates(Dataset<Row> alive) {
    if (!config.dedup().exact()) {
      return noDuplicates(alive);
    }
    Dataset<Row> kept =
        alive
            .groupBy("text_hash")
            .agg(
                functions.min_by(col("id"), col("position")).as("kept_id"),
                min("position").as("kept"));
    return alive
        .select("position", "text_hash")
        .join(kept, "text_hash")
        .where(col("position").gt(col("kept")))
        .select(
            col("position"),
            lit(DropReason.EXACT_DUPLICATE.key()).as("reason"),
            concat(lit("same text as "), col("kept_id")).as("detail"),
            col("kept"))
        .persist(StorageLevel.MEMORY_AND_DISK());
  }

  private Dataset<Row> nearDuplicates(Dataset<Row> distinct, Dataset<Row> rows) {
    if (!config.dedup().near().enabled()) {
      return noDuplicates(distinct);
    }
    Dataset<Row> found = NearDuplicates.find(distinct, config.dedup().near(), config.seed());
    Dataset<Row> keptIds = rows.select(col("position").as("kept"), col("id").as("kept_id"));
    Dataset<Row> viaIds = rows.select(col("position").as("via"), col("id").as("via_id"));
    return found
        .join(keptIds, "kept")
        .join(viaIds, "via")
        .select(
            col("position"),
            lit(DropReason.NEAR_DUPLICATE.key()).as("reason"),
            when(
                    col("kept").equalTo(col("via")),
                    format_string("near %s, Jaccard %.3f", col("kept_id"), col("jaccard")))
                .otherwise(
                    format_string(
                        "in a cluster with %s, by way of %s, Jaccard %.3f",
                        col("kept_id"), col("via_id"), col("jaccard")))
                .as("detail"),
            col("kept"))
        .persist(StorageLevel.MEMORY_AND_DISK());
  }

  private static Dataset<Row> noDuplicates(Dataset<Row> alive) {
    return alive.selectExpr("position", "reason", "detail", "position AS kept").limit(0);
  }

  private long write(Dataset<Row> placed, Path folder, Map<String, SplitSummary> splits) {
    List<String> columns = new ArrayList<>(List.of("id", "source", "messages", "tools"));
    if (!config.model().isEmpty()) {
      columns.addAll(List.of("input_ids", "labels", "length"));
    }
    long rows = 0;
    for (String split : SPLITS) {
      placed
          .where(col("reason").isNull().and(col("split").equalTo(split)))
          .selectExpr(columns.toArray(String[]::new))
          .write()
          .format(HfArrowSource.FORMAT)
          .option(HfArrowSource.SPLIT, split)
          .option(
              HfArrowSource.FINGERPRINT, HuggingFaceFolder.fingerprint(splits.get(split).content()))
          .mode("overwrite")
          .save(folder.resolve(split).toUri().toString());
      rows += splits.get(split).rows();
    }
    ArtifactFolder.writeAtomically(
        folder.resolve(HuggingFaceFolder.DICT), HuggingFaceFolder.dict(SPLITS));
    return rows;
  }

  private Map<String, List<int[]>> packs(Path folder, Map<String, SplitSummary> splits) {
    Map<String, List<int[]>> packs = new TreeMap<>();
    if (config.model().isEmpty()) {
      return packs;
    }
    for (SplitSummary split : splits.values()) {
      List<int[]> plan = BestFit.pack(split.lengths(), config.maxLength());
      PackPlanWriter.write(
          folder.resolve(split.split()), config.maxLength(), plan, split.lengths());
      packs.put(split.split(), plan);
    }
    return packs;
  }

  private static Map<DropReason, Long> writeDropped(Dataset<Row> dropped, Path folder) {
    DroppedRows.write(dropped, folder);
    Map<DropReason, Long> reasons = new EnumMap<>(DropReason.class);
    Arrays.stream(DropReason.values()).forEach(reason -> reasons.put(reason, 0L));
    byReason(dropped).forEach((reason, rows) -> reasons.put(DropReason.ofKey(reason), rows));
    return reasons;
  }

  private static Map<String, Long> byReason(Dataset<Row> rows) {
    return counted(rows.groupBy(col("reason")).count());
  }

  /** Rows by the rule that changed them. */
  private static Map<String, Long> changes(Dataset<Row> alive) {
    return counted(
        alive
            .where(col("changes").isNotNull())
            .select(explode(split(col("changes"), ", ")).as("rule"))
            .groupBy("rule")
            .count());
  }

  private static Map<String, Long> counted(Dataset<Row> keyAndCount) {
    Map<String, Long> counts = new TreeMap<>();
    keyAndCount
        .collectAsList()
        .forEach(row -> counts.put(row.isNullAt(0) ? "" : row.getString(0), row.getLong(1)));
    return counts;
  }

  private Manifest manifest(
      Inputs inputs, String id, Map<String, SplitSummary> splits, Counts counts, Instant started) {
    var content = ContentHash.of("dataset/1");
    SPLITS.forEach(split -> content.add(splits.get(split).content()));
    return new Manifest(
        DatasetFolder.FORMAT,
        id,
        content.finish(),
        inputs.hashesWithModel(),
        Json.mapper().valueToTree(config),
        Json.mapper().valueToTree(counts),
        Map.of("prepare", config.seed()),
        Versions.current(Map.of("spark", org.apache.spark.package$.MODULE$.SPARK_VERSION())),
        inputs.lineage(),
        started.toString(),
        Duration.between(started, clock.instant()).toMillis() / 1e3);
  }

  private Path report(
      Path folder,
      Inputs inputs,
      Manifest manifest,
      Map<String, SplitSummary> splits,
      Map<String, List<int[]>> packs,
      Map<DropReason, Long> reasons,
      Map<String, Long> changes,
      Dataset<Row> dropped,
      Dataset<Row> rows) {
    var data =
        new ReportData(
            name,
            manifest.content(),
            manifest.started(),
            manifest.seconds(),
            inputs.sources().stream()
                .map(s -> new ReportData.SourceFacts(s.name(), s.sizeBytes(), s.sha256()))
                .toList(),
            manifest.counts().get("read").asLong(),
            reasons,
            splits.values().stream().map(s -> facts(s, packs)).toList(),
            config.maxLength(),
            changes,
            examples(dropped, rows),
            changed(rows),
            Json.pretty(config));
    Path file = folder.resolve("report.html");
    ArtifactFolder.writeAtomically(file, ReportPage.html(data));
    return file;
  }

  private static ReportData.SplitFacts facts(SplitSummary split, Map<String, List<int[]>> packs) {
    List<Integer> filled =
        packs.getOrDefault(split.split(), List.of()).stream()
            .map(pack -> Arrays.stream(pack).map(row -> split.lengths()[row]).sum())
            .toList();
    return new ReportData.SplitFacts(
        split.split(), split.rows(), split.lengths(), split.targets(), filled);
  }

  /** The first dropped rows of each reason, with the row that stayed in their place. */
  private static List<ReportData.DroppedExample> examples(Dataset<Row> dropped, Dataset<Row> rows) {
    Dataset<Row> first =
        dropped
            .withColumn("n", row_number().over(Window.partitionBy("reason").orderBy("position")))
            .where(col("n").leq(EXAMPLES));
    Dataset<Row> kept =
        rows.select(
            col("position").as("kept"),
            col("id").as("kept_id"),
            DroppedRows.text().as("kept_text"));
    return kept
        .join(first, new String[] {"kept"}, "right_outer")
        .orderBy("position")
        .collectAsList()
        .stream()
        .map(
            row ->
                new ReportData.DroppedExample(
                    DropReason.ofKey(row.getAs("reason")),
                    row.getAs("id"),
                    row.getAs("source"),
                    row.<Long>getAs("line"),
                    row.getAs("detail"),
                    row.getAs("text"),
                    Optional.ofNullable(row.<String>getAs("kept_id"))
                        .map(id -> new ReportData.KeptRow(id, row.getAs("kept_text")))))
        .toList();
  }

  private static List<ReportData.ChangedExample> changed(Dataset<Row> rows) {
    return rows
        .where(col("changes").isNotNull().and(col("reason").isNull()))
        .withColumn("n", row_number().over(Window.partitionBy("changes").orderBy("position")))
        .where(col("n").leq(2))
        .withColumn("text", DroppedRows.text())
        .orderBy("position")
        .limit(2 * EXAMPLES)
        .collectAsList()
        .stream()
        .map(
            row ->
                new ReportData.ChangedExample(
                    row.getAs("id"),
                    row.getAs("source"),
                    row.<Long>getAs("line"),
                    row.getAs("changes"),
                    row.getAs("before"),
                    row.getAs("text")))
        .toList();
  }

  private static long sum(Map<?, Long> counts) {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  private static String left(Map<String, Long> byReason) {
    return "%,d rows, %,d left".formatted(sum(byReason), byReason.getOrDefault("", 0L));
  }

  private static String kept(Map<String, SplitSummary> splits) {
    long tokens = splits.values().stream().mapToLong(SplitSummary::tokens).sum();
    return "%,d train, %,d validation%s"
        .formatted(
            splits.get(RowOrder.TRAIN).rows(),
            splits.get(RowOrder.VALIDATION).rows(),
            tokens == 0 ? "" : ", %,d tokens".formatted(tokens));
  }

  private static String packed(Map<String, List<int[]>> packs) {
    return packs.isEmpty()
        ? "none without a model"
        : "%,d packs".formatted(packs.values().stream().mapToLong(List::size).sum());
  }
}
