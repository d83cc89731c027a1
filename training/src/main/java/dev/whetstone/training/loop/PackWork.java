package dev.whetstone.training.loop;

import dev.whetstone.models.engine.TrainableModel;
import dev.whetstone.models.engine.TrainableModel.PackedRow;
import dev.whetstone.models.engine.TrainableModel.Pass;
import dev.whetstone.training.plan.TrainingRows;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Supervised fine-tuning: an example is a pack, the loss the mean over all targets of a step. */
public final class PackWork implements Work {
  private final TrainingRows rows;

  public PackWork(TrainingRows rows) {
    this.rows = rows;
  }

  @Override
  public int examples() {
    return rows.packs().size();
  }

  @Override
  public long tokens(int example) {
    return row(example).tokens().length;
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
    int index = 0;
    for (int example : examples) {
      // Summed, and divided once by the weight of the whole step: a short pack then weighs what it
      // holds.
      double[] weights = rows.packs().get(example).weights();
      double[] scaled = Arrays.stream(weights).map(each -> each / weight).toArray();
      try (Pass pass = model.forward(row(example), Keys.of(key, index++))) {
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
