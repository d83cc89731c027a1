package dev.whetstone.datasets.job;

import static org.apache.spark.sql.functions.col;

import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.ContentHash;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.Manifest;
import dev.whetstone.artifacts.StepId;
import dev.whetstone.artifacts.SurroundingsException;
import dev.whetstone.artifacts.Versions;
import dev.whetstone.artifacts.dataset.DatasetFolder;
import dev.whetstone.datasets.PrepareConfig;
import dev.whetstone.datasets.clean.PersonalData;
import dev.whetstone.datasets.layout.HuggingFaceFolder;
import dev.whetstone.datasets.pack.FewestPacks;
import dev.whetstone.datasets.pack.PackPlanWriter;
import dev.whetstone.datasets.personal.Pseudonyms;
import dev.whetstone.datasets.rows.DropReason;
import dev.whetstone.datasets.rows.RowKind;
import dev.whetstone.datasets.sink.HadoopFolder;
import dev.whetstone.datasets.sink.HfArrowSource;
import dev.whetstone.datasets.split.RowOrder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Raw rows to a dataset folder. {@link #run} is the page: the steps in order.
 *
 * <p>No row reaches the driver, but for a few examples of the report. The driver holds the length
 * of each row (4 bytes) for the pack plan. The folder must be on a disk that driver and executors
 * share; sources may be on any file system that Hadoop knows.
 */
public final class PrepareDataset {
  /** Raise it when the same rows and recipe would give another dataset. */
  static final int BEHAVIOUR_VERSION = 5;

  private static final int EXAMPLES = 4;
  private static final int CLUSTERS_SHOWN = 5;

  /** What Linux and macOS say of a full disk. */
  private static final String NO_SPACE = "No space left on device";

  /** Rows that the message names where no row can be used. */
  private static final int FAULTS_SHOWN = 3;

  /** Where Spark spills and shuffles on one machine: on the disk that was chosen for the rows. */
  private static final String SCRATCH = ".scratch";

  private static final List<String> SPLITS = List.of(RowOrder.TRAIN, RowOrder.VALIDATION);

  private final String name;
  private final PrepareConfig config;
  private final SparkRuntime runtime;
  private final RowRules rules;
  private final Optional<Pseudonyms> pseudonyms;
  private final Clock clock;

  /**
   * A job that can be run.
   *
   * @param name of the recipe
   * @param pseudonyms for personal data, where the recipe asks for them
   * @param clock for the manifest's start and duration
   * @throws BadInputException if the recipe asks for pseudonyms and there are none
   */
  public PrepareDataset(
      String name,
      PrepareConfig config,
      SparkRuntime runtime,
      Optional<Pseudonyms> pseudonyms,
      Clock clock) {
    this.name = name;
    this.config = config;
    this.runtime = runtime;
    this.rules =
        new RowRules(
            config.clean(),
            PersonalData.of(config.personalData(), pseudonyms),
            config.dedup().by(),
            config.contaminated(),
            config.language());
    this.pseudonyms = pseudonyms;
    this.clock = clock;
  }

  /**
   * Makes the dataset, or finds that {@code folder} already holds the result of this very work.
   *
   * @throws BadInputException if an input is missing or damaged, or the folder holds other work and
   *     {@code overwrite} is false
   */
  public DatasetFolder run(Path folder, boolean overwrite) {
    Instant started = clock.instant();
    try (Steps steps = new Steps("prepare")) {
      Inputs inputs =
          steps.run("look at the inputs", () -> Inputs.look(config, pseudonyms), Inputs::sentence);
      String id = StepId.of("prepare", BEHAVIOUR_VERSION, inputs.section(config), inputs.hashes());
      Optional<ArtifactFolder> begun =
          ArtifactFolder.begin(folder, DatasetFolder.FORMAT, id, overwrite);
      if (begun.isEmpty()) {
        System.err.printf("prepare: %s is unchanged, reused%n", folder);
        return DatasetFolder.open(folder);
      }
      try (ArtifactFolder dataset = begun.get()) {
        dataset.clear(); // a job starts from its beginning
        try {
          run(steps, dataset, inputs, id, started);
        } catch (BadInputException | SurroundingsException e) {
          dataset.clear(); // on a full disk, what is there would only be in the way
          throw e;
        }
      }
      return DatasetFolder.open(folder);
    }
  }

  private void run(Steps steps, ArtifactFolder dataset, Inputs inputs, String id, Instant started) {
    Path scratch = dataset.path().resolve(SCRATCH);
    SparkSession spark =
        steps.run(
            "start Spark",
            () -> runtime.open(inputs.sizeBytes(), scratch),
            s -> s.sparkContext().master());
    Path kept = runtime.stages().orElseGet(() -> besides(dataset.path()));
    try (Stages stages = Stages.in(kept, spark)) {
      steps.watch(spark.sparkContext());
      Manifest manifest = make(spark, stages, steps, dataset.path(), inputs, id, started);
      spark.stop();
      if (Files.exists(scratch)) {
        ArtifactFolder.delete(scratch);
      }
      dataset.finish(manifest);
      stages.drop("tokens"); // nobody else could use them
    } catch (Exception e) { // Spark, in Scala, throws checked ones without saying so
      throw sentence(dataset.path(), e);
    } finally {
      spark.stop();
    }
  }

  /** Where stages are kept unless the command says otherwise: on the disk chosen for the rows. */
  private static Path besides(Path dataset) {
    return dataset.toAbsolutePath().resolveSibling(dataset.getFileName() + ".stages");
  }

  private Manifest make(
      SparkSession spark,
      Stages stages,
      Steps steps,
      Path folder,
      Inputs inputs,
      String id,
      Instant started) {
    ItemsOfBenchmarks benchmarks = inputs.items(config);
    Dataset<Row> rows =
        WithinBounds.of(
            steps.run(
                "read, clean, look for benchmark items, measure",
                () ->
                    stages.of(
                        "rows",
                        inputs.idOfRows(config),
                        RowColumns.READ,
                        () ->
                            QualityScores.of(
                                ReadAndClean.rows(
                                    spark, inputs.blocks(), rules, inputs.flagged(), benchmarks),
                                inputs.quality())),
                r -> rowCount(r.count())),
            config.bounds());
    ReadSummary read =
        steps.run(
            "apply bounds",
            () -> ReadSummary.of(rows, config.language().detect()),
            r -> "%,d rows left".formatted(r.left()));
    if (read.left() == 0) {
      throw noRowLeft(rows, read);
    }
    List<String> columns = columns(read);
    Dataset<Row> alive = rows.where(col("reason").isNull());
    Dataset<Row> known = KnownRows.of(spark, inputs.against(), config.dedup().by());

    Dataset<Row> clusters =
        steps.run(
            "duplicates",
            () ->
                stages.of(
                    "clusters",
                    inputs.idOfClusters(config),
                    Duplicates.MEMBERS,
                    () ->
                        Duplicates.of(
                            inputs.against().isEmpty() ? alive : alive.union(known),
                            config.dedup(),
                            config.seed())),
            c -> rowCount(c.where(col("reason").isNotNull()).count()));
    Dataset<Row> duplicates = clusters.where(col("reason").isNotNull());

    int writers = runtime.writers(inputs.sizeBytes());
    Dataset<Row> placed =
        steps.run(
            "split, tokenise",
            () ->
                stages.of(
                    "tokens",
                    id,
                    RowColumns.TOKENISED,
                    () -> PlaceAndTokenise.of(without(alive, duplicates), config, inputs.text())),
            p -> rowCount(p.where(col("reason").isNull()).count()));
    Mixture mixture =
        steps.run(
            "mix sources",
            () ->
                Mixture.of(
                    placed,
                    config.sources(),
                    inputs.firstFiles(config),
                    config.seed(),
                    inputs.text().isPresent()),
            Mixture::sentence);
    Dataset<Row> mixed = mixture.rows();
    Map<String, SplitSummary> splits =
        steps.run(
            "put in order", () -> SplitSummary.of(mixed, writers), PrepareDataset::placedSentence);
    if (splits.get(RowOrder.TRAIN).rows() == 0) {
      throw new BadInputException(
          "expected rows to train on, found none: of %,d that were read, %,d were left by cleaning and %,d are in the validation split; look at max_length, min_length, dedup and split."
              .formatted(read.read(), read.left(), splits.get(RowOrder.VALIDATION).rows()));
    }

    steps.run(
        "write rows",
        () -> write(mixed, writers, folder, splits, columns),
        PrepareDataset::rowCount);
    Map<String, List<int[]>> packs =
        steps.run("plan packs", () -> packs(folder, splits), PrepareDataset::packsSentence);
    Map<DropReason, DroppedRows.Written> dropped =
        steps.run(
            "write dropped rows",
            () ->
                DroppedRows.write(rows, marks(duplicates).union(leftOut(mixed)), folder, EXAMPLES),
            d -> rowCount(d.values().stream().mapToLong(DroppedRows.Written::rows).sum()));
    steps.run(
        "write clusters",
        () -> ClusterFile.write(clusters, rows.union(known), folder),
        PrepareDataset::rowCount);

    ContaminationReport contamination =
        steps.run(
            "write what was found of benchmarks",
            () ->
                ContaminationReport.write(rows, mixed, inputs.benchmarkItems(), benchmarks, folder),
            ContaminationReport::sentence);

    Counts counts =
        Counts.of(read, splits, dropped, TooLongCounts.of(placed), mixture, contamination);
    Manifest manifest = manifest(inputs, id, splits, counts, started);
    steps.run(
        "write the report",
        () ->
            new JobReport(
                    name, config, inputs, read, splits, packs, dropped, mixture, contamination)
                .write(
                    folder,
                    manifest,
                    rows,
                    ClusterFile.largest(clusters, rows.union(known), CLUSTERS_SHOWN)),
        Path::toString);
    return manifest;
  }

  private static BadInputException noRowLeft(Dataset<Row> rows, ReadSummary read) {
    List<String> faults =
        rows
            .orderBy("position")
            .limit(FAULTS_SHOWN)
            .select("source", "line", "detail")
            .collectAsList()
            .stream()
            .map(r -> "%s, line %d: %s".formatted(r.getString(0), r.getLong(1), r.getString(2)))
            .toList();
    return new BadInputException(
        read.read() == 0
            ? "expected rows in the sources, found none: the files are empty."
            : "none of the %,d rows can be used: %s%s"
                .formatted(
                    read.read(),
                    String.join("; ", faults),
                    read.read() > faults.size() ? "; and so on." : "."));
  }

  /** What a task said, where that is a sentence for people; Spark wraps it in its own report. */
  private static RuntimeException sentence(Path folder, Exception failure) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      if (at instanceof BadInputException || at instanceof SurroundingsException) {
        return (RuntimeException) at;
      }
      // Of a cause that Spark's own report repeats, stack trace and all.
      if (at instanceof IOException io && NO_SPACE.equals(io.getMessage())) {
        return ArtifactFolder.surroundings(folder, io);
      }
    }
    return failure instanceof RuntimeException unchecked
        ? unchecked
        : new IllegalStateException("a step of the job failed", failure);
  }

  private static Dataset<Row> without(Dataset<Row> rows, Dataset<Row> gone) {
    return rows.join(gone.select("position"), new String[] {"position"}, "left_anti");
  }

  /** Rows that died after they were read: position, reason, detail, kept. */
  private static Dataset<Row> marks(Dataset<Row> duplicates) {
    return duplicates.select("position", "reason", "detail", "kept");
  }

  /** Rows that tokenising or the mixture left out: position, reason, detail, kept. */
  private static Dataset<Row> leftOut(Dataset<Row> placed) {
    return placed
        .where(col("reason").isNotNull())
        .selectExpr("position", "reason", "detail", "CAST(NULL AS BIGINT) AS kept");
  }

  /** The dataset's, in order. */
  private List<String> columns(ReadSummary read) {
    RowKind kind = read.kind();
    List<String> columns = new ArrayList<>(List.of("id", "source", "messages"));
    columns.addAll(
        switch (kind) {
          case CONVERSATION -> List.of();
          case PREFERENCE -> List.of("rejected", "prompt_turns");
          case LABELLED -> List.of("label", "prompt_turns");
        });
    if (config.language().detect()) {
      columns.addAll(List.of(RowColumns.LANGUAGE, RowColumns.LANGUAGE_CONFIDENCE));
    }
    columns.addAll(List.of("tools", "scores"));
    if (!config.model().isEmpty()) {
      columns.addAll(List.of("input_ids", "labels", "length"));
      if (kind == RowKind.CONVERSATION && read.weighted() > 0) {
        columns.add(DatasetFolder.LOSS_WEIGHTS);
      }
      if (kind == RowKind.PREFERENCE) {
        columns.addAll(List.of("rejected_input_ids", "rejected_labels"));
      }
    }
    return columns;
  }

  private long write(
      Dataset<Row> placed,
      int writers,
      Path folder,
      Map<String, SplitSummary> splits,
      List<String> columns) {
    long rows = 0;
    for (String split : SPLITS) {
      InOrder.of(placed.where(col("reason").isNull().and(col("split").equalTo(split))), writers)
          .selectExpr(columns.toArray(String[]::new))
          .write()
          .format(HfArrowSource.FORMAT)
          .option(HfArrowSource.SPLIT, split)
          .option(
              HfArrowSource.FINGERPRINT, HuggingFaceFolder.fingerprint(splits.get(split).content()))
          .mode("overwrite")
          .save(HadoopFolder.text(folder.resolve(split)));
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
      List<int[]> plan = FewestPacks.of(split.lengths(), config.maxLength());
      PackPlanWriter.write(
          folder.resolve(split.split()), config.maxLength(), plan, split.lengths());
      packs.put(split.split(), plan);
    }
    return packs;
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

  private static String rowCount(long rows) {
    return "%,d rows".formatted(rows);
  }

  private static String placedSentence(Map<String, SplitSummary> splits) {
    long tokens = splits.values().stream().mapToLong(SplitSummary::tokens).sum();
    return "%,d train, %,d validation%s"
        .formatted(
            splits.get(RowOrder.TRAIN).rows(),
            splits.get(RowOrder.VALIDATION).rows(),
            tokens == 0 ? "" : ", %,d tokens".formatted(tokens));
  }

  private static String packsSentence(Map<String, List<int[]>> packs) {
    return packs.isEmpty()
        ? "none without a model"
        : "%,d packs".formatted(packs.values().stream().mapToLong(List::size).sum());
  }
}
