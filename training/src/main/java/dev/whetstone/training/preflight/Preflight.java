package dev.whetstone.training.preflight;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.dataset.DatasetFolder;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.training.TrainConfig;
import dev.whetstone.training.loop.Work;

/** Placeholder. */
public final class Preflight {
  private Preflight() {}

  public static void check(
      TrainConfig config, DatasetFolder dataset, ModelFolder model, Work work) {
    if (work.examples() == 0) {
      throw new BadInputException("nothing: " + config + dataset + model);
    }
  }
}
