package dev.whetstone.artifacts.tensors;

import java.util.List;

/**
 * The types in which a GGUF file is written here. Quantised bytes are those of the Python {@code
 * gguf} package 0.19 ({@code quants.py}) and of ggml's reference ({@code ggml-quants.c}), bit for
 * bit.
 */
public enum GgufType {
  F32(Encoding.F32),
  F16(Encoding.F16),
  BF16(Encoding.BF16),
  /** 32 elements share a float16 scale, each has 8 bits: 8.5 bits an element. */
  Q8_0(Encoding.Q8_0),
  /** 32 elements share a float16 scale, each has 4 bits: 4.5 bits an element. */
  Q4_0(Encoding.Q4_0);

  private final Encoding encoding;

  GgufType(Encoding encoding) {
    this.encoding = encoding;
  }

  Encoding encoding() {
    return encoding;
  }

  /**
   * The type of a tensor in a file whose matrices are of this one. As llama.cpp's converter
   * (conversion/base.py, prepare_tensors): vectors, among them all biases, and norms are {@link
   * #F32}; a matrix whose rows are no whole blocks falls back to {@link #F16}.
   *
   * @param name in the file, such as {@code blk.0.attn_q.weight}
   * @param shape in torch's order
   */
  public GgufType of(String name, List<Long> shape) {
    if (shape.size() <= 1 || name.endsWith("_norm.weight")) {
      return F32;
    }
    return shape.get(shape.size() - 1) % encoding.blockElements() == 0 ? this : F16;
  }

  /** Size on disk of a tensor of this shape, without padding. */
  public long sizeBytes(List<Long> shape) {
    return Math.multiplyExact(
        Safetensors.elements(shape) / encoding.blockElements(), (long) encoding.blockBytes());
  }
}
