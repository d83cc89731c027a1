package dev.whetstone.datasets.job;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;

import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.Manifest;
import dev.whetstone.datasets.PrepareConfig;
import dev.whetstone.datasets.report.ReportData;
import dev.whetstone.datasets.report.ReportPage;
import dev.whetstone.datasets.rows.DropReason;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * What the report shows, gathered from what the steps found.
 *
 * @param name of the recipe
 * @param packs rows of each pack, by split
 */
record JobReport(
    String name,
    PrepareConfig config,
    Inputs inputs,
    ReadSummary read,
    Map<String, SplitSummary> splits,
    Map<String, List<int[]>> packs,
    Map<DropReason, DroppedRows.Written> dropped,
    Mixture mixture,
    ContaminationReport contamination) {

  /**
   * Writes {@code report.html}.
   *
   * @param rows of {@link RowColumns#READ}
   */
  Path write(Path folder, Manifest manifest, Dataset<Row> rows, List<ReportData.Cluster> clusters) {
    Map<DropReason, Long> byReason = new EnumMap<>(DropReason.class);
    dropped.forEach((reason, written) -> byReason.put(reason, written.rows()));
    var data =
        new ReportData(
            name,
            manifest.content(),
            manifest.started(),
            manifest.seconds(),
            sourceFacts(rows),
            read.read(),
            byReason,
            splits.values().stream().map(this::facts).toList(),
            config.maxLength(),
            read.changes(),
            examples(rows),
            read.changed(),
            clusters,
            read.languages(),
            shares(),
            contamination.tasks(),
            contamination.items(),
            Json.pretty(config));
    Path file = folder.resolve("report.html");
    ArtifactFolder.writeAtomically(file, ReportPage.html(data));
    return file;
  }

  private List<ReportData.SourceFacts> sourceFacts(Dataset<Row> rows) {
    Map<String, Long> read = new TreeMap<>();
    rows.groupBy("source")
        .count()
        .collectAsList()
        .forEach(source -> read.put(source.getString(0), source.getLong(1)));
    Map<String, Row> kept = new TreeMap<>();
    mixture
        .rows()
        .where(col("reason").isNull())
        .groupBy("source")
        .agg(count(lit(1)).as("kept"), coalesce(sum("length"), lit(0L)).as("tokens"))
        .collectAsList()
        .forEach(source -> kept.put(source.getString(0), source));
    return inputs.sources().stream()
        .map(
            source -> {
              Row left = kept.get(source.name());
              return new ReportData.SourceFacts(
                  source.name(),
                  source.sizeBytes(),
                  source.sha256(),
                  read.getOrDefault(source.name(), 0L),
                  left == null ? 0 : left.getLong(1),
                  left == null ? 0 : left.getLong(2));
            })
        .toList();
  }

  private ReportData.SplitFacts facts(SplitSummary split) {
    List<Integer> filled =
        packs.getOrDefault(split.split(), List.of()).stream()
            .map(pack -> Arrays.stream(pack).map(row -> split.lengths()[row]).sum())
            .toList();
    return new ReportData.SplitFacts(
        split.split(), split.rows(), split.lengths(), split.targets(), filled);
  }

  /** The first dropped rows of each reason, with the row that stayed in their place. */
  private List<ReportData.DroppedExample> examples(Dataset<Row> rows) {
    Object[] kept =
        dropped.values().stream()
            .flatMap(w -> w.examples().stream())
            .map(DroppedRows.Example::kept)
            .filter(position -> position >= 0)
            .distinct()
            .toArray();
    Map<Long, ReportData.KeptRow> keptRows = new TreeMap<>();
    if (kept.length > 0) {
      rows.where(col("position").isin(kept))
          .select("position", "id", "messages", "rejected", "prompt_turns", "label")
          .collectAsList()
          .forEach(
              row ->
                  keptRows.put(
                      row.getLong(0),
                      new ReportData.KeptRow(row.getString(1), RowColumns.text(row))));
    }
    List<ReportData.DroppedExample> examples = new ArrayList<>();
    dropped.forEach(
        (reason, written) ->
            written
                .examples()
                .forEach(
                    e ->
                        examples.add(
                            new ReportData.DroppedExample(
                                reason,
                                e.id(),
                                e.source(),
                                e.line(),
                                e.detail(),
                                e.text(),
                                Optional.ofNullable(keptRows.get(e.kept()))))));
    return examples;
  }

  private List<ReportData.MixtureShare> shares() {
    double weights =
        mixture.shares().stream()
            .filter(share -> share.weight() != null)
            .mapToDouble(Mixture.Share::weight)
            .sum();
    return mixture.shares().stream()
        .map(
            share ->
                new ReportData.MixtureShare(
                    share.source(),
                    share.weight() == null
                        ? OptionalDouble.empty()
                        : OptionalDouble.of(share.weight() / weights),
                    share.share(),
                    share.rows(),
                    share.amount(),
                    share.unit(),
                    share.leftOut()))
        .toList();
  }
}
