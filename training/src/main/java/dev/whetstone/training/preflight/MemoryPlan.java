package dev.whetstone.training.preflight;

import dev.whetstone.artifacts.model.LoraConfig;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.models.engine.Hardware;
import dev.whetstone.models.engine.TrainableModel.Tuning;
import dev.whetstone.models.engine.TuningMemory;
import dev.whetstone.training.TrainConfig;
import dev.whetstone.training.TrainConfig.Switch;
import dev.whetstone.training.loop.Work;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What a run will take of memory, and what was chosen for that.
 *
 * @param memory of the fullest moment
 * @param available when it was planned; empty where the system does not tell
 * @param tuning how the model is trained, whether blocks are computed anew among it
 * @param atOnce packs that one pass computes
 */
public record MemoryPlan(TuningMemory memory, OptionalLong available, Tuning tuning, int atOnce) {
  /** Part of what is free that a run may take: others start things too. */
  private static final double SHARE = 0.85;

  /** Tokens of a pass from which on more at once gain little. */
  private static final int ENOUGH_TOKENS = 2048;

  private static final int ENOUGH_TOKENS_ON_A_GPU = 16_384;

  /**
   * Chooses what a recipe leaves open, the fastest that fits.
   *
   * @param begun packs at once of a run that goes on: another number would change its last bits
   */
  public static MemoryPlan of(
      TrainConfig config, ModelFolder model, LoraConfig lora, Work work, OptionalInt begun) {
    Hardware hardware = Hardware.of(config.device());
    OptionalLong available = hardware.availableBytes();
    boolean open = config.batch().atOnce().packs() == 0 && begun.isEmpty();
    int atOnce =
        begun.orElse(open ? enough(config, work, hardware) : config.batch().atOnce().packs());
    var kept =
        new Tuning(
            config.seed(),
            config.checkpointing() == Switch.ON,
            config.isBfloat16(hardware),
            hardware,
            config.noise());
    MemoryPlan plan = plan(model, lora, work, available, kept, atOnce);
    while (open && !plan.fits() && plan.atOnce > 1) {
      plan = plan(model, lora, work, available, kept, plan.atOnce / 2);
    }
    if (config.checkpointing() == Switch.AUTO && !plan.fits()) {
      plan = plan(model, lora, work, available, kept.withCheckpointing(), plan.atOnce);
    }
    return plan;
  }

  private static int enough(TrainConfig config, Work work, Hardware hardware) {
    int tokens = hardware == Hardware.GPU ? ENOUGH_TOKENS_ON_A_GPU : ENOUGH_TOKENS;
    long packs = Math.min(config.batch().packs(), tokens / Math.max(1, work.longest()));
    return (int) Math.max(1, packs);
  }

  private static MemoryPlan plan(
      ModelFolder model,
      LoraConfig lora,
      Work work,
      OptionalLong available,
      Tuning tuning,
      int atOnce) {
    int tokens = Math.toIntExact(work.atOnce(atOnce).passTokens());
    return new MemoryPlan(TuningMemory.of(model, lora, tokens, tuning), available, tuning, atOnce);
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
        tuning.checkpointing() ? "blocks are computed anew" : "activations are kept",
        atOnce,
        fits() ? "" : "; that is more than is free");
  }
}
