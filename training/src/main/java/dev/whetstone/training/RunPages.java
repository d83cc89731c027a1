package dev.whetstone.training;

import dev.whetstone.artifacts.Ancestor;
import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.run.RunFolder.StepMetrics;
import dev.whetstone.models.engine.DecoderSize;
import dev.whetstone.models.engine.Hardware;
import dev.whetstone.models.engine.TrainableModel;
import dev.whetstone.models.engine.TrainableModel.PackedRow;
import dev.whetstone.training.evaluate.Evaluation;
import dev.whetstone.training.loop.TrainingLoop;
import dev.whetstone.training.loop.Work;
import dev.whetstone.training.preflight.Finding;
import dev.whetstone.training.preflight.MemoryPlan;
import dev.whetstone.training.report.Flops;
import dev.whetstone.training.report.RunPage;
import dev.whetstone.training.report.RunPage.Status;
import dev.whetstone.training.report.RunReport;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** The page of a run at any of its moments: what stays the same is gathered once. */
final class RunPages {
  /** Seconds between two pages of a run that goes on. */
  private static final int EVERY = 10;

  private final String name;
  private final TrainConfig config;
  private final Path file;
  private final Work work;
  private final TrainingLoop loop;
  private final List<Finding> findings;
  private final MemoryPlan plan;
  private final List<Ancestor> lineage;
  private final long trainedParameters;
  private final RunPage.Compute compute;
  private final Clock clock;
  private OptionalLong peak = OptionalLong.empty();
  private long writtenAt;

  RunPages(
      String name,
      TrainConfig config,
      Path out,
      RunInputs inputs,
      Work work,
      TrainableModel model,
      TrainingLoop loop,
      List<Finding> findings,
      MemoryPlan plan,
      List<Ancestor> lineage,
      Clock clock) {
    this.name = name;
    this.config = config;
    this.file = out.resolve("report.html");
    this.work = work;
    this.loop = loop;
    this.findings = new ArrayList<>(findings);
    this.plan = plan;
    this.lineage = lineage;
    this.trainedParameters =
        model.parameters().stream().mapToLong(parameter -> parameter.value().size()).sum();
    String device = hardware().deviceName();
    OptionalDouble sheet = Flops.peakPerSecond(device);
    this.compute =
        new RunPage.Compute(
            flops(DecoderSize.of(inputs.model())),
            sheet.isPresent() ? device : device + ", by its own products",
            sheet.isPresent() ? sheet : OptionalDouble.of(model.productsPerSecond()));
    this.clock = clock;
  }

  private Hardware hardware() {
    return plan.tuning().hardware();
  }

  private Flops flops(DecoderSize size) {
    double squares = 0;
    double tokens = 0;
    for (int example = 0; example < work.examples(); example++) {
      for (PackedRow row : work.rows(example)) {
        for (int length : row.lengths()) {
          squares += (double) length * length;
          tokens += length;
        }
      }
    }
    return Flops.perToken(
        new Flops.Shape(
            size.blockWeights(),
            size.headWeights(),
            trainedParameters,
            size.layers(),
            size.width(),
            squares / tokens,
            plan.tuning().checkpointing(),
            config.objective().kind().needsBase()));
  }

  /** Adds what went wrong to what was found before the run. */
  void add(Finding finding) {
    findings.add(finding);
  }

  /** Notes the most memory that training took. */
  void trained() {
    peak = hardware().peakBytes();
  }

  RunFacts facts(RunRecord record, int chosenStep) {
    StepMetrics last = record.metrics().get(record.metrics().size() - 1);
    return new RunFacts(
        record.metrics(),
        record.evaluations(),
        work.examples(),
        work.length(),
        plan.memory().bytes(),
        peak.orElse(0),
        compute
            .perToken()
            .modelUtilization(
                last.tokens() / last.seconds(), compute.peakPerSecond().orElseThrow()),
        trainedParameters,
        chosenStep);
  }

  /** The page of this moment. */
  RunPage page(
      Status status,
      List<StepMetrics> metrics,
      List<Evaluation> evaluations,
      int chosenStep,
      List<RunPage.Equivalence> equivalence) {
    return new RunPage(
        name,
        config,
        new RunPage.Progress(status, loop.totalSteps(), loop.totalTokens(), clock.instant()),
        metrics,
        evaluations,
        new RunPage.Data(work.examples(), RunFacts.tokens(work), work.length()),
        trainedParameters,
        chosenStep,
        Optional.of(compute),
        Optional.of(findings.stream().map(RunPages::shown).toList()),
        Optional.of(
            new RunPage.Memory(
                plan.memory().parts().stream()
                    .map(part -> new RunPage.Part(part.name(), part.bytes()))
                    .toList(),
                peak.isPresent() ? peak : hardware().peakBytes())),
        equivalence,
        lineage);
  }

  private static RunPage.Finding shown(Finding finding) {
    return new RunPage.Finding(
        switch (finding.severity()) {
          case STOP -> RunPage.Severity.ERROR;
          case WARNING -> RunPage.Severity.WARNING;
          case NOTE -> RunPage.Severity.NOTE;
        },
        finding.sentence());
  }

  void write(RunPage page) {
    ArtifactFolder.writeAtomically(file, RunReport.html(page));
    writtenAt = clock.millis();
  }

  /** Whether the last page is old enough for another. */
  boolean due() {
    return clock.millis() - writtenAt >= 1000L * EVERY;
  }
}
