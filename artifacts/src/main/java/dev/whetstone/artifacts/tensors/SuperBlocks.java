package dev.whetstone.artifacts.tensors;

import java.nio.ByteBuffer;

/**
 * ggml's "K" quantisations: a block of {@link #ELEMENTS} elements is cut into runs of 16 or 32,
 * each with a small integer scale (and minimum) of its own that is a multiple of the block's.
 * Layouts are those of {@code ggml-common.h} ({@code block_q2_K} and so on), arithmetic and its
 * order those of the Python {@code gguf} package 0.19 ({@code quants.py}): the run's scale first,
 * then times the element, then less the minimum, each rounded to float32.
 */
final class SuperBlocks {
  /** {@code QK_K} of ggml-common.h. */
  static final int ELEMENTS = 256;

  private SuperBlocks() {}

  /** One block, its bytes from {@code at} on, to 256 elements from {@code to} on. */
  interface Block {
    void widen(ByteBuffer in, int at, float[] out, int to);
  }

  static void widen(ByteBuffer in, int blocks, int blockBytes, float[] out, Block kind) {
    for (int block = 0; block < blocks; block++) {
      kind.widen(in, in.position() + block * blockBytes, out, block * ELEMENTS);
    }
  }

  /**
   * 16 bytes of scales (low half) and minima (high), 64 of two-bit elements, float16 scale, float16
   * scale of the minima.
   */
  static void q2(ByteBuffer in, int at, float[] out, int to) {
    float scale = half(in, at + 80);
    float minimum = half(in, at + 82);
    for (int run = 0; run < 16; run++) {
      float runScale = scale * (in.get(at + run) & 0xf);
      float runMinimum = minimum * (in.get(at + run) >> 4 & 0xf);
      for (int i = 16 * run; i < 16 * (run + 1); i++) {
        out[to + i] = runScale * twoBits(in, at + 16, i) - runMinimum;
      }
    }
  }

  /**
   * 32 bytes of inverted high bits, 64 of two-bit elements, 12 of six-bit scales, float16 scale.
   */
  static void q3(ByteBuffer in, int at, float[] out, int to) {
    float scale = half(in, at + 108);
    for (int run = 0; run < 16; run++) {
      int low = in.get(at + 96 + run % 8) >> (4 * (run / 8)) & 0xf;
      int high = in.get(at + 104 + run % 4) >> (2 * (run / 4)) & 3;
      float runScale = scale * ((low | (high << 4)) - 32);
      for (int i = 16 * run; i < 16 * (run + 1); i++) {
        int missing = (~in.get(at + i % 32) >> (i / 32)) & 1;
        out[to + i] = runScale * (twoBits(in, at + 32, i) - 4 * missing);
      }
    }
  }

  /**
   * float16 scale, float16 scale of the minima, 12 bytes of six-bit scales and minima, 128 of
   * four-bit elements.
   */
  static void q4(ByteBuffer in, int at, float[] out, int to) {
    for (int run = 0; run < 8; run++) {
      float scale = half(in, at) * sixBits(in, at + 4, run, 0);
      float minimum = half(in, at + 2) * sixBits(in, at + 4, run, 4);
      for (int i = 32 * run; i < 32 * (run + 1); i++) {
        out[to + i] = scale * fourBits(in, at + 16, i, 32) - minimum;
      }
    }
  }

  /** As {@link #q4}, with 32 bytes of high bits before the elements. */
  static void q5(ByteBuffer in, int at, float[] out, int to) {
    for (int run = 0; run < 8; run++) {
      float scale = half(in, at) * sixBits(in, at + 4, run, 0);
      float minimum = half(in, at + 2) * sixBits(in, at + 4, run, 4);
      for (int i = 32 * run; i < 32 * (run + 1); i++) {
        int high = in.get(at + 16 + i % 32) >> run & 1;
        out[to + i] = scale * (fourBits(in, at + 48, i, 32) | (high << 4)) - minimum;
      }
    }
  }

  /**
   * 128 bytes of the low four bits, 64 of the high two, 16 signed bytes of scales, float16 scale.
   */
  static void q6(ByteBuffer in, int at, float[] out, int to) {
    float scale = half(in, at + 208);
    for (int run = 0; run < 16; run++) {
      float runScale = scale * in.get(at + 192 + run);
      for (int i = 16 * run; i < 16 * (run + 1); i++) {
        int element = fourBits(in, at, i, 64) | (twoBits(in, at + 128, i) << 4);
        out[to + i] = runScale * (element - 32);
      }
    }
  }

  private static float half(ByteBuffer in, int at) {
    return HalfPrecision.fromFloat16(in.getShort(at));
  }

  /** Element i of two bits: 32 bytes hold 128 elements, their lowest bits the first 32. */
  private static int twoBits(ByteBuffer in, int at, int i) {
    return in.get(at + i / 128 * 32 + i % 32) >> (2 * (i % 128 / 32)) & 3;
  }

  /** Element i of four bits: the low halves of {@code width} bytes, then their high halves. */
  private static int fourBits(ByteBuffer in, int at, int i, int width) {
    return in.get(at + i / (2 * width) * width + i % width) >> (4 * (i / width % 2)) & 0xf;
  }

  /**
   * Scale ({@code from} 0) or minimum (4) of a run: the first four have a byte's low six bits each,
   * the others four bits of bytes 8 to 11 and those bytes' top two.
   */
  private static int sixBits(ByteBuffer in, int at, int run, int from) {
    if (run < 4) {
      return in.get(at + from + run) & 0x3f;
    }
    int low = in.get(at + 8 + run - 4) >> from & 0xf;
    return low | (in.get(at + from + run - 4) >> 2 & 0x30);
  }
}
