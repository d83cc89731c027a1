package dev.whetstone.models.engine;

import ai.djl.ndarray.NDArray;
import dev.whetstone.artifacts.model.ModelFolder;
import java.util.List;

/**
 * A frozen decoder with trainable LoRA weights: what the training loop needs of a model. Not
 * thread-safe. Closing it frees the native memory.
 */
public interface TrainableModel extends AutoCloseable {
  /**
   * Loads a model and gives it fresh LoRA weights: A ~ U(-1/sqrt(I), 1/sqrt(I)), B = 0 (PEFT,
   * tuners/lora/layer.py, reset_lora_parameters), drawn in Java from {@code seed}, so that they do
   * not depend on libtorch.
   */
  static TrainableModel load(ModelFolder model, LoraConfig lora, long seed) {
    return LoraModel.load(model, lora, seed);
  }

  /**
   * Documents laid end to end. They do not see each other: positions restart at 0, attention stays
   * within a document.
   *
   * @param tokens [T]
   * @param labels [T], not shifted; -100 is no target; the first label of each document is ignored
   * @param lengths of the documents, in order; they add up to T
   */
  record PackedRow(int[] tokens, int[] labels, int[] lengths) {}

  /**
   * Runs forward and backward on one packed row and adds to every gradient that of {@code scale *
   * (summed loss)}.
   *
   * @return the row's summed loss in nats, not scaled
   */
  double accumulate(PackedRow row, double scale);

  /** The row's summed loss in nats without gradients. */
  double loss(PackedRow row);

  /** The trainable tensors in a fixed order; names are PEFT's. */
  List<Parameter> parameters();

  /**
   * @param name PEFT's, such as {@code
   *     base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight}
   * @param value float32; the optimizer changes it in place; owned by the model
   */
  record Parameter(String name, NDArray value) {}

  /**
   * Puts saved values into a parameter, bit for bit. {@code index} is its place in {@link
   * #parameters}.
   */
  void set(int index, float[] values);

  /** Sets all gradients to zero. */
  void zeroGradients();

  /** V; token ids are below it. */
  int vocabularySize();

  /** Tokens of the model's context. */
  int maxLength();

  @Override
  void close();
}
