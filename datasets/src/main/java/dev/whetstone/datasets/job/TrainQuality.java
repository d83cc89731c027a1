package dev.whetstone.datasets.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.whetstone.artifacts.Ancestor;
import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.Manifest;
import dev.whetstone.artifacts.StepId;
import dev.whetstone.artifacts.Versions;
import dev.whetstone.datasets.PrepareConfig.Contaminated;
import dev.whetstone.datasets.clean.CleanRules;
import dev.whetstone.datasets.clean.PersonalData;
import dev.whetstone.datasets.dedup.Compared;
import dev.whetstone.datasets.job.source.SourceFiles;
import dev.whetstone.datasets.job.source.SourceFiles.SourceFile;
import dev.whetstone.datasets.language.LanguageRule;
import dev.whetstone.datasets.quality.CrossValidated;
import dev.whetstone.datasets.quality.Draw;
import dev.whetstone.datasets.quality.Draw.Part;
import dev.whetstone.datasets.quality.LabelledRow;
import dev.whetstone.datasets.quality.Learning;
import dev.whetstone.datasets.quality.Measured;
import dev.whetstone.datasets.quality.Prediction;
import dev.whetstone.datasets.quality.QualityConfig;
import dev.whetstone.datasets.quality.QualityModel;
import dev.whetstone.datasets.quality.Report;
import dev.whetstone.datasets.quality.Report.LabelledFile;
import dev.whetstone.datasets.quality.Report.Mistake;
import dev.whetstone.datasets.quality.TextFeatures;
import dev.whetstone.datasets.quality.dl4j.Dl4j;
import dev.whetstone.datasets.report.QualityPage;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Labelled rows to a folder with a classifier. {@link #run} is the page: the steps in order. */
public final class TrainQuality {
  /** Raise it when the same rows and recipe would give another classifier. */
  static final int BEHAVIOUR_VERSION = 1;

  /** Of each label, so many of the surest mistakes are shown. */
  private static final int MISTAKES = 6;

  private final String name;
  private final QualityConfig config;
  private final Clock clock;

  /**
   * A piece of work that can be done.
   *
   * @param name of the recipe
   * @param clock for the manifest's start and duration
   */
  public TrainQuality(String name, QualityConfig config, Clock clock) {
    this.name = name;
    this.config = config;
    this.clock = clock;
  }

  private record Labelled(
      List<LabelledRow> rows, Map<String, Long> read, Map<String, Long> dropped) {
    String sentence() {
      long good = rows.stream().filter(LabelledRow::good).count();
      return "%,d good, %,d bad".formatted(good, rows.size() - good);
    }
  }

  /**
   * Makes the classifier, or finds that {@code folder} already holds the result of this very work.
   *
   * @throws BadInputException if an input is missing or has too few rows, or the folder holds other
   *     work and {@code overwrite} is false
   */
  public void run(Path folder, boolean overwrite) {
    Instant started = clock.instant();
    try (Steps steps = new Steps("quality")) {
      int cores = Runtime.getRuntime().availableProcessors();
      List<SourceFile> good = SourceFiles.look(config.good(), cores);
      List<SourceFile> bad = SourceFiles.look(config.bad(), cores);
      String id = StepId.of("quality", BEHAVIOUR_VERSION, section(), hashes(good, bad));
      Optional<ArtifactFolder> begun =
          ArtifactFolder.begin(folder, QualityModel.FORMAT, id, overwrite);
      if (begun.isEmpty()) {
        System.err.printf("quality: %s is unchanged, reused%n", folder);
        return;
      }
      try (ArtifactFolder made = begun.get()) {
        made.clear();
        made.finish(make(steps, folder, good, bad, id, started));
      }
    }
  }

  private Manifest make(
      Steps steps,
      Path folder,
      List<SourceFile> good,
      List<SourceFile> bad,
      String id,
      Instant started) {
    Labelled labelled = steps.run("read", () -> read(good, bad), Labelled::sentence);
    Map<Part, List<LabelledRow>> parts = Draw.cut(labelled.rows(), config.heldOut(), config.seed());
    Learning learning =
        steps.run(
            "learn and calibrate",
            () ->
                Learning.of(
                    parts,
                    new TextFeatures(config.bits()),
                    config.network(),
                    config.seed(),
                    Dl4j.ENGINE),
            l -> "%,d rows".formatted(parts.get(Part.TRAIN).size()));
    Measured measured = Measured.of(learning.predictions());
    Optional<CrossValidated> crossValidated = crossValidate(steps, labelled);
    System.err.println("quality: " + sentence(measured));
    crossValidated.ifPresent(c -> System.err.println("quality: " + sentence(c)));

    learning.model().write(folder, measured, crossValidated.orElse(null));
    Manifest manifest = manifest(learning.model(), labelled, parts, good, bad, id, started);
    var report =
        new Report(
            name,
            manifest.content(),
            manifest.started(),
            manifest.seconds(),
            files(good, bad),
            labelled.dropped(),
            parts.get(Part.TRAIN).size(),
            parts.get(Part.CALIBRATE).size(),
            learning.predictions(),
            measured,
            crossValidated,
            mistakes(parts.get(Part.MEASURE), learning.predictions()),
            Json.pretty(config));
    ArtifactFolder.writeAtomically(folder.resolve("report.html"), QualityPage.html(report));
    return manifest;
  }

  /** Rows of both labels in the order of their hashes; those that have both are left out. */
  private Labelled read(List<SourceFile> good, List<SourceFile> bad) {
    LabelledFiles.Read goods = read(good, true);
    LabelledFiles.Read bads = read(bad, false);
    List<String> both = goods.rows().keySet().stream().filter(bads.rows()::containsKey).toList();
    both.forEach(goods.rows()::remove);
    both.forEach(bads.rows()::remove);
    Map<String, Long> dropped = new TreeMap<>();
    goods.dropped().forEach((reason, n) -> dropped.put("good, " + reason, n));
    bads.dropped().forEach((reason, n) -> dropped.put("bad, " + reason, n));
    if (!both.isEmpty()) {
      dropped.put("both labels", 2L * both.size());
    }
    check("good", goods);
    check("bad", bads);
    List<LabelledRow> rows = new ArrayList<>(goods.rows().values());
    rows.addAll(bads.rows().values());
    rows.sort(Comparator.comparing(LabelledRow::content));
    return new Labelled(rows, Map.of("good", goods.read(), "bad", bads.read()), dropped);
  }

  private LabelledFiles.Read read(List<SourceFile> files, boolean good) {
    return LabelledFiles.read(
        files,
        good,
        new TextFeatures(config.bits()),
        new RowRules(
            CleanRules.DEFAULT,
            PersonalData.of(PersonalData.Policy.REDACT, Optional.empty()),
            Compared.CONVERSATION,
            Contaminated.MARK,
            LanguageRule.NONE),
        config.rows());
  }

  private static void check(String label, LabelledFiles.Read read) {
    if (read.rows().size() < QualityConfig.LEAST_ROWS) {
      throw new BadInputException(
          "%s: expected at least %d different rows that can be used, found %d of %d lines (not used: %s)."
              .formatted(
                  label,
                  QualityConfig.LEAST_ROWS,
                  read.rows().size(),
                  read.read(),
                  read.dropped()));
    }
  }

  private Optional<CrossValidated> crossValidate(Steps steps, Labelled labelled) {
    if (config.crossValidation().folds() == 0) {
      return Optional.empty();
    }
    return Optional.of(
        steps.run(
            "cross-validate",
            () -> CrossValidated.of(labelled.rows(), config, Dl4j.ENGINE),
            c -> "%d networks".formatted(c.folds() * c.repeats())));
  }

  private static String sentence(Measured measured) {
    return String.format(
        Locale.ROOT,
        "held out %,d rows: accuracy %.4f (95 %% %.4f to %.4f), ROC-AUC %.4f, calibration error"
            + " %.4f before, %.4f after",
        measured.rows(),
        measured.accuracy(),
        measured.interval().low(),
        measured.interval().high(),
        measured.area(),
        measured.errorBefore(),
        measured.errorAfter());
  }

  private static String sentence(CrossValidated found) {
    return String.format(
        Locale.ROOT,
        "%d times %d folds of %,d rows: accuracy %.4f (95 %% %.4f to %.4f), ROC-AUC %.4f",
        found.repeats(),
        found.folds(),
        found.rows(),
        found.accuracy(),
        found.interval().low(),
        found.interval().high(),
        found.area());
  }

  private static List<Mistake> mistakes(List<LabelledRow> rows, List<Prediction> predictions) {
    List<Mistake> all = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      double p = predictions.get(i).probability();
      if (rows.get(i).good() != (p >= Measured.MIDDLE)) {
        all.add(new Mistake(rows.get(i), p));
      }
    }
    // The surest of each label first.
    all.sort(
        Comparator.comparingDouble((Mistake m) -> -Math.abs(m.probability() - Measured.MIDDLE)));
    List<Mistake> shown = new ArrayList<>();
    for (boolean good : new boolean[] {false, true}) {
      all.stream().filter(m -> m.row().good() == good).limit(MISTAKES).forEach(shown::add);
    }
    return shown;
  }

  private Manifest manifest(
      QualityModel model,
      Labelled labelled,
      Map<Part, List<LabelledRow>> parts,
      List<SourceFile> good,
      List<SourceFile> bad,
      String id,
      Instant started) {
    ObjectNode counts = Json.mapper().createObjectNode();
    counts.set("read", Json.mapper().valueToTree(labelled.read()));
    ObjectNode kept = counts.putObject("kept");
    parts.forEach((part, rows) -> kept.put(part.name().toLowerCase(Locale.ROOT), rows.size()));
    counts.set("dropped", Json.mapper().valueToTree(labelled.dropped()));
    return new Manifest(
        QualityModel.FORMAT,
        id,
        model.content(),
        hashes(good, bad),
        Json.mapper().valueToTree(config),
        counts,
        Map.of("quality", config.seed()),
        Versions.current(Map.of("deeplearning4j", Dl4j.VERSION)),
        lineage(good, bad),
        started.toString(),
        Duration.between(started, clock.instant()).toMillis() / 1000.0);
  }

  /** Where a file lies does not change what is learned from it; its hash is among the inputs. */
  private JsonNode section() {
    ObjectNode section = Json.mapper().valueToTree(config);
    section.remove(List.of("good", "bad"));
    return section;
  }

  private static Map<String, String> hashes(List<SourceFile> good, List<SourceFile> bad) {
    Map<String, String> hashes = new TreeMap<>();
    for (int i = 0; i < good.size(); i++) {
      hashes.put("good/" + i, "sha256:" + good.get(i).sha256());
    }
    for (int i = 0; i < bad.size(); i++) {
      hashes.put("bad/" + i, "sha256:" + bad.get(i).sha256());
    }
    return hashes;
  }

  private static List<LabelledFile> files(List<SourceFile> good, List<SourceFile> bad) {
    List<LabelledFile> files = new ArrayList<>();
    good.forEach(f -> files.add(new LabelledFile(true, f.name(), f.sizeBytes(), f.sha256())));
    bad.forEach(f -> files.add(new LabelledFile(false, f.name(), f.sizeBytes(), f.sha256())));
    return files;
  }

  private static List<Ancestor> lineage(List<SourceFile> good, List<SourceFile> bad) {
    return files(good, bad).stream()
        .map(
            f ->
                new Ancestor(
                    "source",
                    f.name(),
                    "sha256:" + f.sha256(),
                    Map.of(
                        "bytes", Long.toString(f.sizeBytes()), "label", f.good() ? "good" : "bad")))
        .toList();
  }
}
