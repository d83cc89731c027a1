package dev.whetstone.training.report;

import java.util.Locale;
import java.util.OptionalDouble;

/**
 * Floating-point operations that LoRA training takes for one token. Frozen weights need no gradient
 * of their own, so a pass forward and back costs 4 operations a weight, not the 6 of full training.
 * Work that is done a second time to save memory is counted apart.
 *
 * @param matrices products with frozen weights: 4 a weight
 * @param attention scores and weighted sums, forward and back: 3 times those of a forward pass
 * @param lora products with trained matrices: 6 a weight
 * @param reference a forward pass of the base model beside the adapted one; 0 where nobody asks it
 * @param recompute blocks that run forward a second time before their backward pass
 */
public record Flops(
    double matrices, double attention, double lora, double reference, double recompute) {

  /**
   * What the operations follow from.
   *
   * @param blockWeights numbers in the matrices of all blocks; of experts, those that a token meets
   * @param headWeights numbers in the vocabulary projection
   * @param loraWeights numbers in all A and B
   * @param layers blocks
   * @param width heads times the width of a head
   * @param attended length of the document that a token stands in, the mean over tokens: the sum of
   *     squared lengths over the sum of lengths; the pack's length where one document fills it
   * @param recomputes whether blocks are computed anew in the backward pass
   * @param asksBase whether the base model scores the same tokens
   */
  public record Shape(
      long blockWeights,
      long headWeights,
      long loraWeights,
      int layers,
      int width,
      double attended,
      boolean recomputes,
      boolean asksBase) {
    public Shape {
      if (blockWeights < 0 || headWeights < 0 || loraWeights < 0 || layers < 0 || width < 0) {
        throw new IllegalArgumentException(
            "weights, layers and width must be >= 0: %d, %d, %d, %d, %d"
                .formatted(blockWeights, headWeights, loraWeights, layers, width));
      }
      if (!(attended >= 0 && attended < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException("attended must be >= 0 and finite: " + attended);
      }
    }
  }

  /** Of one token, the mean over all. */
  public static Flops perToken(Shape shape) {
    double weights = (double) shape.blockWeights + shape.headWeights;
    // Two products of 2 * attended * width each; a causal mask leaves half of them.
    double attentionForward = 2 * shape.attended * shape.width * shape.layers;
    return new Flops(
        4 * weights,
        3 * attentionForward,
        6.0 * shape.loraWeights,
        shape.asksBase ? 2 * weights + attentionForward : 0,
        shape.recomputes
            ? 2.0 * shape.blockWeights + attentionForward + 2.0 * shape.loraWeights
            : 0);
  }

  /** Operations that the result needs. */
  public double needed() {
    return matrices + attention + lora + reference;
  }

  /** Operations that are carried out: {@link #needed} and those done twice. */
  public double done() {
    return needed() + recompute;
  }

  /** Model FLOPs utilization: the share of a device's peak that needed work takes. */
  public double modelUtilization(double tokensPerSecond, double peakPerSecond) {
    return needed() * tokensPerSecond / peakPerSecond;
  }

  /** Hardware FLOPs utilization: the share of a device's peak that all work takes. */
  public double hardwareUtilization(double tokensPerSecond, double peakPerSecond) {
    return done() * tokensPerSecond / peakPerSecond;
  }

  /**
   * Dense bfloat16 operations a second of a device by the name that its driver gives it, from
   * NVIDIA's data sheets (H100 and H200 as SXM modules); empty for what is not listed.
   */
  public static OptionalDouble peakPerSecond(String device) {
    String name = device.toUpperCase(Locale.ROOT);
    if (name.contains("H200") || (name.contains("H100") && name.contains("HBM3"))) {
      return OptionalDouble.of(989e12);
    }
    if (name.contains("A100")) {
      return OptionalDouble.of(312e12);
    }
    if (name.contains("RTX 4090")) {
      return OptionalDouble.of(165e12);
    }
    return name.contains("RTX A6000") ? OptionalDouble.of(155e12) : OptionalDouble.empty();
  }
}
