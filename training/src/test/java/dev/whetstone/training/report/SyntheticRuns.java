package dev.whetstone.training.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.whetstone.artifacts.Ancestor;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.run.RunFolder.StepMetrics;
import dev.whetstone.training.TrainConfig;
import dev.whetstone.training.evaluate.Evaluation;
import dev.whetstone.training.report.RunPage.Compute;
import dev.whetstone.training.report.RunPage.Data;
import dev.whetstone.training.report.RunPage.Equivalence;
import dev.whetstone.training.report.RunPage.Finding;
import dev.whetstone.training.report.RunPage.Memory;
import dev.whetstone.training.report.RunPage.Part;
import dev.whetstone.training.report.RunPage.Progress;
import dev.whetstone.training.report.RunPage.Severity;
import dev.whetstone.training.report.RunPage.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;

/** Runs that never were: made-up numbers of the size that real ones have. */
final class SyntheticRuns {
  private static final int TOKENS_A_STEP = 15_800;

  private SyntheticRuns() {}

  /** Writes a page of each kind, for people to look at. */
  public static void main(String[] arguments) throws IOException {
    Path folder = Files.createDirectories(Path.of(arguments[0]));
    for (int steps : List.of(1, 2, 30, 240, 5000)) {
      write(folder, "sft-" + steps, sft(steps, steps, Status.FINISHED));
    }
    write(folder, "running", sft(96, 240, Status.RUNNING));
    write(folder, "begun", sft(0, 240, Status.RUNNING));
    write(folder, "interrupted", sft(3, 240, Status.INTERRUPTED));
    write(folder, "dpo", dpo(120));
  }

  private static void write(Path folder, String name, RunPage page) throws IOException {
    Files.writeString(folder.resolve(name + ".html"), RunReport.html(page));
  }

  static TrainConfig config(String section) {
    try {
      return Json.mapper().readValue(section, TrainConfig.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** A supervised run on packs with everything that a page can show. */
  static RunPage sft(int steps, int total, Status status) {
    var random = new Random(steps);
    var metrics = new ArrayList<StepMetrics>();
    var evaluations = new ArrayList<Evaluation>();
    if (steps > 0) {
      evaluations.add(evaluation(0, 2.31, 0.31, random));
    }
    for (int step = 1; step <= steps; step++) {
      double loss = 0.62 + 1.6 * Math.exp(-4.0 * step / total);
      metrics.add(step(step, total, loss + 0.08 * random.nextGaussian(), Map.of(), random));
      if (step % Math.max(1, total / 12) == 0 || step == total) {
        double late = 0.0006 * Math.pow(Math.max(0, step * 240.0 / total - 180), 1.2);
        evaluations.add(evaluation(step, loss + 0.1 + late, 0.31 + 0.4 * step / total, random));
      }
    }
    return page(
        config(
            """
            {"dataset": "out/dataset", "model": "hf:Qwen/Qwen2.5-7B-Instruct", "steps": %d,
             "evaluate": {"every": 20, "tasks": ["orders", "general"]}, "checkpoint": {"best": true}}
            """
                .formatted(Math.max(1, total))),
        new Progress(
            status, total, (long) total * TOKENS_A_STEP, Instant.parse("2026-01-02T03:04:05.678Z")),
        metrics,
        evaluations,
        new Data(1220, 4_787_000, 4096));
  }

  /** A preference run on pairs. */
  static RunPage dpo(int steps) {
    var random = new Random(7);
    var metrics = new ArrayList<StepMetrics>();
    var evaluations = new ArrayList<Evaluation>();
    for (int step = 0; step <= steps; step++) {
      double way = 1 - Math.exp(-3.0 * step / steps);
      double margin = 1.8 * way;
      double loss = Math.log1p(Math.exp(-margin)) + 0.02 * random.nextGaussian();
      var more = new TreeMap<String, Double>();
      more.put("margin", margin + 0.15 * random.nextGaussian());
      more.put("accuracy", Math.min(1, 0.5 + 0.42 * way + 0.06 * random.nextGaussian()));
      more.put("reward_chosen", 0.4 * way + 0.1 * random.nextGaussian());
      more.put("reward_rejected", -1.4 * way + 0.1 * random.nextGaussian());
      if (step > 0) {
        metrics.add(step(step, steps, loss, more, random));
      }
      if (step % 20 == 0) {
        evaluations.add(new Evaluation(step, loss + 0.03, more, Map.of(), 3));
      }
    }
    return page(
        config(
            """
            {"dataset": "out/pairs", "model": "Qwen/Qwen2.5-7B-Instruct", "steps": %d,
             "objective": {"kind": "dpo", "beta": 0.1}, "learning_rate": 5e-6}
            """
                .formatted(steps)),
        new Progress(Status.FINISHED, steps, (long) steps * TOKENS_A_STEP, Instant.EPOCH),
        metrics,
        evaluations,
        new Data(2400, 1_900_000, 0));
  }

  private static StepMetrics step(
      int step, int total, double loss, Map<String, Double> more, Random random) {
    double warm = Math.min(1, step / Math.max(1, 0.03 * total));
    double rate = 2e-4 * warm * 0.5 * (1 + Math.cos(Math.PI * step / total));
    double speed = (step == 1 ? 3100 : 13_900) + 180 * random.nextGaussian();
    return new StepMetrics(
        step,
        loss,
        0.25 + 0.9 * Math.exp(-6.0 * step / total) + 0.04 * random.nextDouble(),
        rate,
        (long) step * TOKENS_A_STEP,
        6400,
        1.15 * step + 3,
        speed,
        more);
  }

  private static Evaluation evaluation(int step, double loss, double score, Random random) {
    return new Evaluation(
        step,
        loss,
        Map.of(),
        Map.of(
            "orders/exact_match", score + 0.02 * random.nextGaussian(),
            "general/acc", 0.61 + 0.01 * random.nextGaussian(),
            "orders/f1", score + 0.2),
        4.2);
  }

  private static RunPage page(
      TrainConfig config,
      Progress progress,
      List<StepMetrics> metrics,
      List<Evaluation> evaluations,
      Data data) {
    var flops =
        Flops.perToken(
            new Flops.Shape(
                6_525_288_448L,
                544_997_376L,
                40_370_176L,
                28,
                3584,
                690,
                true,
                config.objective().kind().needsBase()));
    return new RunPage(
        "订单 · orders <to> JSON & back",
        config,
        progress,
        metrics,
        evaluations,
        data,
        40_370_176L,
        evaluations.stream()
            .min((a, b) -> Double.compare(a.lossNats(), b.lossNats()))
            .map(Evaluation::step)
            .orElse(0),
        Optional.of(new Compute(flops, "NVIDIA H200", Flops.peakPerSecond("NVIDIA H200"))),
        Optional.of(
            List.of(
                new Finding(
                    Severity.NOTE, "1,203 of 40,000 rows are longer than a pack and left out."),
                new Finding(
                    Severity.WARNING,
                    "<|im_end|> is a target in 61 % of the rows only: the model may not learn to"
                        + " stop. Prepare with a template that closes every answer."),
                new Finding(Severity.ERROR, "3 items of general stand in the training rows."))),
        Optional.of(
            new Memory(
                List.of(
                    new Part("weights of the base model, bfloat16", 15_231_233_024L),
                    new Part("A and B, their gradients and both moments, float32", 645_922_816L),
                    new Part("activations of one block, and inputs of all", 6_300_000_000L),
                    new Part("logits of a chunk", 1_560_000_000L),
                    new Part("context and workspace", 1_000_000_000L)),
                metrics.isEmpty() ? OptionalLong.empty() : OptionalLong.of(23_912_000_000L))),
        progress.status() == Status.RUNNING
            ? List.of()
            : List.of(
                new Equivalence("merged, float32", 3.1e-6, 4.0e-7, 1, 4096),
                new Equivalence("merged, bfloat16", 0.0213, 0.0031, 0.9976, 4096)),
        List.of(
            new Ancestor("source", "orders-2025.jsonl", "sha256:" + "3f".repeat(32), Map.of()),
            new Ancestor(
                "dataset",
                "orders",
                "sha256:" + "a0".repeat(32),
                Map.of(
                    "read",
                    "42000",
                    "kept train",
                    "39100",
                    "kept validation",
                    "790",
                    "dropped duplicate",
                    "1807")),
            new Ancestor(
                "model",
                "Qwen/Qwen2.5-7B-Instruct",
                "sha256:" + "5c".repeat(32),
                Map.of(
                    "architecture",
                    "qwen2",
                    "parameters",
                    "7615616512",
                    "license",
                    "apache-2.0"))));
  }
}
