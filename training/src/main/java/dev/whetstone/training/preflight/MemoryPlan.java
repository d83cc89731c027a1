package dev.whetstone.training.preflight;

import dev.whetstone.artifacts.SystemMemory;
import dev.whetstone.artifacts.model.LoraConfig;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.models.engine.TuningMemory;
import dev.whetstone.training.TrainConfig;
import dev.whetstone.training.TrainConfig.Switch;
import dev.whetstone.training.loop.Work;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * What a run will take of memory, and what was chosen for that.
 *
 * @param memory of the fullest moment
 * @param available when it was planned; empty where the system does not tell
 * @param checkpointing whether blocks are computed anew
 * @param atOnce packs that one pass computes
 */
public record MemoryPlan(
    TuningMemory memory, OptionalLong available, boolean checkpointing, int atOnce) {
  /** Part of what is free that a run may take: others start things too. */
  private static final double SHARE = 0.85;

  /** Tokens of a pass from which on more at once gain nothing on a CPU. */
  private static final int ENOUGH_TOKENS = 2048;

  /** Chooses what a recipe leaves open, the fastest that fits. */
  public static MemoryPlan of(TrainConfig config, ModelFolder model, LoraConfig lora, Work work) {
    OptionalLong available = SystemMemory.availableBytes();
    int most = config.batch().atOnce().packs();
    if (most == 0) {
      most =
          Math.max(
              1,
              Math.min(
                  config.batch().packs(), (int) (ENOUGH_TOKENS / Math.max(1, work.longest()))));
    }
    boolean open = config.batch().atOnce().packs() == 0;
    boolean wanted = config.checkpointing() == Switch.ON;
    MemoryPlan plan = plan(model, lora, work, available, wanted, most);
    while (open && !plan.fits() && plan.atOnce > 1) {
      plan = plan(model, lora, work, available, wanted, plan.atOnce / 2);
    }
    if (config.checkpointing() == Switch.AUTO && !plan.fits()) {
      plan = plan(model, lora, work, available, true, plan.atOnce);
    }
    return plan;
  }

  private static MemoryPlan plan(
      ModelFolder model,
      LoraConfig lora,
      Work work,
      OptionalLong available,
      boolean checkpointing,
      int atOnce) {
    return new MemoryPlan(
        TuningMemory.of(
            model, lora, Math.toIntExact(work.atOnce(atOnce).passTokens()), checkpointing),
        available,
        checkpointing,
        atOnce);
  }

  private boolean fits() {
    return available.isEmpty() || memory.bytes() <= SHARE * available.getAsLong();
  }

  /** The plan in a line. */
  public String sentence() {
    return String.format(
        Locale.ROOT,
        "%.2f GB of memory planned%s; %s, %d at once%s",
        memory.bytes() / 1e9,
        available.isPresent()
            ? String.format(Locale.ROOT, " of %.1f GB free", available.getAsLong() / 1e9)
            : "",
        checkpointing ? "blocks are computed anew" : "activations are kept",
        atOnce,
        fits() ? "" : "; that is more than is free");
  }
}
