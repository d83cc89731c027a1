package dev.whetstone.models.engine;

import dev.whetstone.artifacts.model.LoraConfig;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.models.engine.LoraModules.Module;
import dev.whetstone.models.engine.TrainableModel.Tuning;
import dev.whetstone.models.engine.family.DecoderConfig;
import dev.whetstone.models.engine.family.DecoderTensors;
import dev.whetstone.models.engine.family.Slot;
import java.util.ArrayList;
import java.util.List;

/**
 * What a training pass takes of memory, before it begins: the arrays that {@link LoraModel} and
 * {@code tuning.py} hold at their fullest moment, by shape.
 *
 * @param parts in the order of their size's certainty
 */
public record TuningMemory(List<Part> parts) {
  /** JVM, libtorch and the other libraries, as measured on Linux with an empty model. */
  private static final long PROCESS = 420_000_000L;

  /**
   * What glibc's allocator holds in holes, as a share of kept arrays and of those of a moment:
   * fitted to SmolLM2-135M with 1,024 to 4,096 tokens (docs/LOG.md), checked on other shapes by the
   * acceptance check memory-plan.
   */
  private static final double HOLES_KEPT = 0.27;

  private static final double HOLES_PASSING = 0.5;

  /** Value, gradient and AdamW's two moments, float32. */
  private static final int PER_PARAMETER = 16;

  /** Arrays of a chunk's logits that exist at one time. */
  private static final int LOGITS = 2;

  /** Arrays of [T, I] while the feed-forward layer goes backward: act, product, two gradients. */
  private static final double WIDE = 4;

  /** Arrays of [T, D] around it. */
  private static final double NARROW = 8;

  /**
   * A part.
   *
   * @param name such as {@code weights}
   */
  public record Part(String name, long bytes) {}

  public TuningMemory {
    parts = List.copyOf(parts);
  }

  /** At the fullest moment. */
  public long bytes() {
    return parts.stream().mapToLong(Part::bytes).sum();
  }

  /**
   * Plans a pass.
   *
   * @param tokens of the longest packed row, T
   * @param tuning how
   */
  public static TuningMemory of(ModelFolder model, LoraConfig lora, int tokens, Tuning tuning) {
    boolean checkpointing = tuning.checkpointing();
    int width = tuning.bfloat16() ? Short.BYTES : Float.BYTES;
    DecoderConfig config = DecoderConfig.of(model);
    List<Module> modules = LoraModules.chosen(config, lora, model.path());
    long weights = 0;
    for (List<Long> shape : DecoderTensors.shapes(config).values()) {
      weights += width * elements(shape);
    }
    long each = width * (long) tokens;
    long kept = 0;
    long most = 0;
    for (int block = 0; block < config.layers(); block++) {
      long own = keptBy(config, block);
      kept += checkpointing ? config.hidden() : config.hidden() + own;
      most = Math.max(most, (checkpointing ? own : 0) + working(config, block));
    }
    var parts = new ArrayList<Part>();
    parts.add(new Part("weights", weights));
    parts.add(
        new Part(
            "adapter, gradients and optimizer", PER_PARAMETER * trained(config, lora, modules)));
    parts.add(new Part("activations that are kept", each * kept));
    long logits =
        LOGITS
            * Float.BYTES
            * (long) Math.min(tokens, LoraModel.CHUNK)
            * (long) config.vocabulary();
    // The head's turn is over when the blocks' begins.
    long passing = Math.max(each * most, logits);
    parts.add(new Part("a block's backward pass, or logits", passing));
    if (tuning.hardware() == Hardware.CPU) {
      parts.add(
          new Part(
              "holes of the allocator",
              (long) (HOLES_KEPT * (each * kept) + HOLES_PASSING * passing)));
    }
    parts.add(new Part("the process itself", PROCESS));
    return new TuningMemory(parts);
  }

  /** Numbers a token that the backward pass of a block needs: the list K of {@code tuning.py}. */
  private static long keptBy(DecoderConfig config, int block) {
    long heads = (long) config.attention().heads() * config.attention().headSize();
    long keys = (long) config.attention().keyValueHeads() * config.attention().headSize();
    long norms = config.outputNorms() ? 2L * config.hidden() : 0;
    return 2 * heads
        + 2 * keys
        + config.attention().heads()
        + config.hidden()
        + norms
        + 2 * width(config, block);
  }

  /** Numbers a token that exist for a moment in the backward pass of a block. */
  private static long working(DecoderConfig config, int block) {
    return (long) (WIDE * width(config, block) + NARROW * config.hidden());
  }

  private static long width(DecoderConfig config, int block) {
    return elements(DecoderTensors.shape(config, block, Slot.GATE), 0)
        + elements(DecoderTensors.shape(config, block, Slot.SHARED_GATE), 0);
  }

  private static long elements(List<Long> shape, int dimension) {
    return shape.isEmpty() ? 0 : shape.get(dimension);
  }

  private static long elements(List<Long> shape) {
    return shape.stream().mapToLong(Long::longValue).reduce(1, (a, b) -> a * b);
  }

  /** How many numbers an adapter trains. */
  private static long trained(DecoderConfig config, LoraConfig lora, List<Module> modules) {
    long trained = 0;
    for (Module module : modules) {
      long out = 0;
      for (Slot slot : module.slots()) {
        out += DecoderTensors.shape(config, module.block(), slot).get(0);
      }
      long in = DecoderTensors.shape(config, module.block(), module.slots().get(0)).get(1);
      trained += lora.rank(module.path()) * (in + out) + (lora.dora() ? out : 0);
    }
    return trained
        + lora.modulesToSave().size() * (long) config.vocabulary() * (long) config.hidden();
  }
}
