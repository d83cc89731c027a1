package dev.whetstone.training.loop;

import dev.whetstone.models.engine.TrainableModel;
import dev.whetstone.models.engine.TrainableModel.PackedRow;
import dev.whetstone.models.engine.TrainableModel.Pass;
import dev.whetstone.training.plan.TrainingRows;
import dev.whetstone.training.plan.TrainingRows.TrainingPack;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Supervised fine-tuning: an example is a pack, the loss the mean over all targets of a step. */
public final class PackWork implements Work {
  private final TrainingRows rows;
  private final int atOnce;

  /**
   * @param atOnce packs that one pass computes
   */
  public PackWork(TrainingRows rows, int atOnce) {
    this.rows = rows;
    this.atOnce = atOnce;
  }

  @Override
  public int examples() {
    return rows.packs().size();
  }

  @Override
  public long targets(int example) {
    return rows.packs().get(example).targets();
  }

  @Override
  public int length() {
    return rows.length();
  }

  @Override
  public long passTokens() {
    return atOnce * longest();
  }

  @Override
  public Work atOnce(int examples) {
    return new PackWork(rows, examples);
  }

  @Override
  public List<PackedRow> rows(int example) {
    return List.of(row(example));
  }

  @Override
  public List<String> rowIds(int example) {
    return rows.packs().get(example).ids();
  }

  private PackedRow row(int example) {
    return rows.packs().get(example).row();
  }

  @Override
  public Outcome accumulate(TrainableModel model, List<Integer> examples, long key) {
    double weight = weight(examples);
    double loss = 0;
    for (int first = 0; first < examples.size(); first += atOnce) {
      TrainingPack pack =
          TrainingPack.join(
              examples.subList(first, Math.min(examples.size(), first + atOnce)).stream()
                  .map(rows.packs()::get)
                  .toList());
      // Summed, and divided once by the weight of the whole step: a short pack then weighs what it
      // holds.
      double[] scaled = Arrays.stream(pack.weights()).map(each -> each / weight).toArray();
      try (Pass pass = model.forward(pack.row(), Keys.of(key, first))) {
        loss += dot(scaled, pass.backward(scaled));
      }
    }
    return new Outcome(loss, Map.of());
  }

  @Override
  public Outcome measure(TrainableModel model, List<Integer> examples) {
    double loss = 0;
    for (int example : examples) {
      loss += dot(rows.packs().get(example).weights(), model.nats(row(example)));
    }
    return new Outcome(loss / weight(examples), Map.of());
  }

  private double weight(List<Integer> examples) {
    return examples.stream()
        .mapToDouble(example -> Arrays.stream(rows.packs().get(example).weights()).sum())
        .sum();
  }

  private static double dot(double[] weights, double[] nats) {
    double sum = 0;
    for (int i = 0; i < nats.length; i++) {
      sum += weights[i] * nats[i];
    }
    return sum;
  }
}
