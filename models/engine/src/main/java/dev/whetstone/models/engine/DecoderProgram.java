package dev.whetstone.models.engine;

import ai.djl.ndarray.NDManager;
import dev.whetstone.models.engine.family.Activation;
import dev.whetstone.models.engine.family.DecoderConfig;
import dev.whetstone.models.engine.family.DecoderConfig.Experts;
import dev.whetstone.models.engine.family.DecoderTensors;
import dev.whetstone.models.engine.family.Slot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code decoder.py} for one configuration: its capitals become the configuration's values, and the
 * names of the slots their places in the list of a block's arrays.
 */
final class DecoderProgram {
  /** As torch numbers its types (c10/core/ScalarType.h). */
  private static final int FLOAT32 = 6;

  private static final int BFLOAT16 = 15;

  private static final String LINEAR = "torch.linear(x, w, b)";

  private DecoderProgram() {}

  /**
   * The program for scoring and generation.
   *
   * @param bfloat16 whether all but norms and angles is computed in bfloat16, else in float32
   */
  static TorchScriptProgram load(NDManager parent, DecoderConfig config, boolean bfloat16) {
    return load(parent, List.of("decoder.py"), constants(config, bfloat16));
  }

  /** How a training pass attends. */
  enum Attention {
    /** Scores of a document at a time, as the formula stands. */
    PLAIN,
    /** torch's fused operation for CPUs, a document at a time. */
    FLASH_CPU,
    /** Variable-length flash attention, all documents at once; in 16-bit types on CUDA alone. */
    FLASH_CUDA;

    /** Head sizes that its kernel takes (aten/src/ATen/native/transformers/cuda/flash_attn). */
    private static final int CUDA_HEAD_STEP = 8;

    private static final int CUDA_HEAD_SIZE = 256;

    /** The fastest that a device has for a configuration. */
    static Attention of(DecoderConfig config, boolean bfloat16, Hardware hardware) {
      if (config.attention().cap() != 0) {
        return PLAIN;
      }
      if (hardware == Hardware.CPU) {
        return FLASH_CPU;
      }
      int size = config.attention().headSize();
      boolean taken = bfloat16 && size % CUDA_HEAD_STEP == 0 && size <= CUDA_HEAD_SIZE;
      return taken ? FLASH_CUDA : PLAIN;
    }
  }

  /** The program for training: forward and backward passes of a block with adapters. */
  static TorchScriptProgram loadForTuning(
      NDManager parent,
      DecoderConfig config,
      boolean bfloat16,
      Hardware hardware,
      Attention attention) {
    Map<String, Object> constants = constants(config, bfloat16);
    constants.put(
        "FLASH",
        switch (attention) {
          case PLAIN -> 0;
          case FLASH_CPU -> 1;
          case FLASH_CUDA -> 2;
        });
    if (hardware == Hardware.GPU) {
      constants.put("DENSE", LINEAR);
    }
    constants.put("MODULES", LoraModules.SLOTS.size());
    constants.put("MASKS", masks(config));
    return load(parent, List.of("decoder.py", "tuning.py"), constants);
  }

  private static TorchScriptProgram load(
      NDManager parent, List<String> parts, Map<String, Object> constants) {
    return TorchScriptProgram.load(parent, DecoderProgram.class, parts, "Decoder", constants);
  }

  /** Fused projections are one module, whose input is dropped once: the first slot of each. */
  private static List<Integer> masks(DecoderConfig config) {
    var first = new ArrayList<Integer>();
    for (Slot slot : LoraModules.SLOTS) {
      first.add(
          LoraModules.of(config).stream()
              .filter(module -> module.slots().contains(slot))
              .mapToInt(module -> LoraModules.SLOTS.indexOf(module.slots().get(0)))
              .findFirst()
              .orElse(LoraModules.SLOTS.indexOf(slot)));
    }
    return first;
  }

  private static Map<String, Object> constants(DecoderConfig config, boolean bfloat16) {
    Experts experts = config.feed().experts().orElse(new Experts(1, 1, 1, false, 0));
    var constants = new HashMap<String, Object>();
    List<Slot> slots = DecoderTensors.slots(config);
    for (Slot slot : Slot.values()) {
      // What no block has is the empty array behind all others.
      constants.put(slot.name(), slots.contains(slot) ? slots.indexOf(slot) : slots.size());
    }
    number(Activation.values(), constants);
    constants.putAll(
        Map.ofEntries(
            Map.entry("SLOTS", slots.size() + 1),
            Map.entry("LAYERS", config.layers()),
            Map.entry("EPSILON", config.normEpsilon()),
            Map.entry("DTYPE", bfloat16 ? BFLOAT16 : FLOAT32),
            Map.entry("NORMS_FROM_ONE", config.normsFromOne()),
            Map.entry("EMBEDDING_SCALE", config.embeddingScale()),
            Map.entry("LOGIT_CAP", config.logitCap()),
            Map.entry("HEADS", config.attention().heads()),
            Map.entry("KEY_HEADS", config.attention().keyValueHeads()),
            Map.entry("HEAD_SIZE", config.attention().headSize()),
            Map.entry("SCORE_SCALE", config.attention().scale()),
            Map.entry("SCORE_CAP", config.attention().cap()),
            Map.entry("WINDOW", config.attention().window()),
            Map.entry("WINDOWED", config.attention().windowed()),
            Map.entry("ROTATED", config.rotary().size()),
            Map.entry("ROTARY_SCALE", (double) config.rotary().scale()),
            Map.entry("INTERLEAVED", config.rotary().interleaved()),
            Map.entry("ACTIVATION", constants.get(config.feed().activation().name())),
            Map.entry("EXPERTS", experts.count()),
            Map.entry("EXPERTS_PER_TOKEN", experts.perToken()),
            Map.entry("NORMALISED", experts.normalised()),
            Map.entry("DENSE", bfloat16 ? LINEAR : dense())));
    return constants;
  }

  /**
   * The product with a matrix in float32. torch leaves it to MKL; oneDNN is faster where MKL does
   * not know the processor's widest instructions, and with few rows everywhere (docs/LOG.md). torch
   * has it as an operation without gradients, in its builds for x86-64 only.
   */
  private static String dense() {
    return System.getProperty("os.arch").equals("amd64")
        ? "ops.mkldnn._linear_pointwise(x, w, b, \"none\", annotate(List[Optional[number]], []),"
            + " \"\")"
        : LINEAR;
  }

  private static void number(Enum<?>[] values, Map<String, Object> constants) {
    for (int i = 0; i < values.length; i++) {
      constants.put(values[i].name(), i);
    }
  }
}
