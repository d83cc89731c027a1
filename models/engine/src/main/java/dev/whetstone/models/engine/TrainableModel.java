package dev.whetstone.models.engine;

import ai.djl.ndarray.NDArray;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.model.LoraConfig;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.artifacts.tensors.Safetensors.FloatTensor;
import dev.whetstone.models.text.LossMask;
import java.util.Arrays;
import java.util.List;

/**
 * A frozen decoder with trainable LoRA weights: what the training loop needs of a model. Not
 * thread-safe. Closing it frees the native memory.
 */
public interface TrainableModel extends AutoCloseable {
  /**
   * Loads a model and gives it fresh LoRA weights: A ~ U(-1/sqrt(I), 1/sqrt(I)), B = 0 (PEFT,
   * tuners/lora/layer.py, reset_lora_parameters), drawn in Java from {@link Tuning#seed}, so that
   * they do not depend on libtorch.
   *
   * @throws BadInputException if a target or a module to save is none that can be trained
   */
  static TrainableModel load(ModelFolder model, LoraConfig lora, Tuning tuning) {
    return LoraModel.load(model, lora, tuning);
  }

  /**
   * How a model is trained, beside the shape of its adapter.
   *
   * @param seed of fresh LoRA weights
   * @param checkpointing whether a backward pass computes each block anew from its input, which
   *     costs a third more time and keeps only [T, D] a block
   * @param bfloat16 whether frozen weights and activations are bfloat16; adapters, norms and loss
   *     are float32 always
   * @param hardware that computes
   * @param noise NEFTune's alpha (arXiv 2310.05914): embeddings get noise of U(-1, 1) * alpha /
   *     sqrt(T D); 0 for none
   */
  record Tuning(
      long seed, boolean checkpointing, boolean bfloat16, Hardware hardware, double noise) {
    public Tuning {
      if (!(noise >= 0 && noise < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException("noise must be >= 0 and finite: " + noise);
      }
    }

    /** The same with blocks that are computed anew. */
    public Tuning withCheckpointing() {
      return new Tuning(seed, true, bfloat16, hardware, noise);
    }

    /** The usual. */
    public static Tuning plain(long seed) {
      return new Tuning(seed, false, false, Hardware.CPU, 0);
    }
  }

  /**
   * Documents laid end to end. They do not see each other: positions restart at 0, attention stays
   * within a document. A label that is not -100 and not the first of its document is a target; N is
   * their number.
   *
   * @param tokens [T]
   * @param labels [T], not shifted; -100 is no target; the first label of each document is ignored
   * @param lengths of the documents, in order; they add up to T
   */
  record PackedRow(int[] tokens, int[] labels, int[] lengths) {
    public PackedRow {
      int total = Arrays.stream(lengths).sum();
      if (tokens.length != total || labels.length != total) {
        throw new IllegalArgumentException(
            "tokens, labels and the sum of lengths must be equal: %d, %d, %d"
                .formatted(tokens.length, labels.length, total));
      }
    }

    /** Where the targets are, rising, [N]. */
    public int[] targets() {
      int[] at = new int[labels.length];
      int n = 0;
      int t = 0;
      for (int length : lengths) {
        for (int i = 0; i < length; i++, t++) {
          if (i > 0 && labels[t] != LossMask.IGNORED) {
            at[n++] = t;
          }
        }
      }
      return Arrays.copyOf(at, n);
    }

    /** How many targets each document has; they follow one another in {@link #targets}. */
    public int[] targetsOfDocuments() {
      int[] counts = new int[lengths.length];
      int t = 0;
      for (int document = 0; document < lengths.length; document++) {
        for (int i = 0; i < lengths[document]; i++, t++) {
          counts[document] += i > 0 && labels[t] != LossMask.IGNORED ? 1 : 0;
        }
      }
      return counts;
    }
  }

  /** A forward pass whose backward pass is still to come. Closing it frees what it kept. */
  interface Pass extends AutoCloseable {
    /** Negative log-probability of each target in nats, [N]. */
    double[] nats();

    /**
     * Adds to every gradient that of the weighted sum of {@link #nats}. Once only.
     *
     * @param weights [N]
     * @return {@link #nats}, which cost nothing here
     */
    double[] backward(double[] weights);

    @Override
    void close();
  }

  /**
   * Runs forward on one packed row as training does: with dropout and noise.
   *
   * @param key what the random numbers of this pass depend on, and nothing else
   */
  Pass forward(PackedRow row, long key);

  /** Negative log-probability of each target in nats, [N], without dropout and noise. */
  double[] nats(PackedRow row);

  /**
   * As {@link #nats} of the base model: the adapter is off, or as it was at {@link #takeAsBase}.
   */
  double[] baseNats(PackedRow row);

  /** The trainable tensors in a fixed order; names are PEFT's. */
  List<Parameter> parameters();

  /**
   * @param name PEFT's, such as {@code
   *     base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight}
   * @param value float32; the optimizer changes it in place; owned by the model
   * @param gradient of the same shape; backward passes add to it; owned by the model
   */
  record Parameter(String name, NDArray value, NDArray gradient) {}

  /**
   * Puts saved values into a parameter, bit for bit. {@code index} is its place in {@link
   * #parameters}.
   */
  void set(int index, float[] values);

  /**
   * Puts saved values into all parameters, bit for bit.
   *
   * @param saved any order
   * @param where they were found, for messages
   * @throws BadInputException that names every tensor that is missing, surplus or of another shape
   */
  default void setAll(List<FloatTensor> saved, String where) {
    ParameterValues.put(this, saved, where);
  }

  /**
   * Makes the adapter as it is now part of what {@link #baseNats} asks: training goes on from it.
   */
  void takeAsBase();

  /** Sets all gradients to zero. */
  void zeroGradients();

  /**
   * Floating-point operations a second that the device does in a product of large matrices of the
   * model's type: what utilisation is measured against where no data sheet tells. Takes a moment.
   */
  double productsPerSecond();

  /** V; token ids are below it. */
  int vocabularySize();

  /** Tokens of the model's context. */
  int maxLength();

  @Override
  void close();
}
