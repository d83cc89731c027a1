package dev.whetstone.artifacts.tensors;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * How elements lie on disk: blocks of {@link #blockElements} elements in {@link #blockBytes} bytes,
 * little-endian. The quantised ones are those of ggml ({@code ggml-common.h}, {@code block_q4_0}
 * and so on); their arithmetic is float32 in the order of the Python {@code gguf} package 0.17
 * ({@code quants.py}): product first, then sum, each rounded.
 */
enum Encoding {
  F32(1, 4) {
    @Override
    void widen(ByteBuffer in, int blocks, float[] out) {
      in.asFloatBuffer().get(out, 0, blocks);
    }
  },
  F16(1, 2) {
    @Override
    void widen(ByteBuffer in, int blocks, float[] out) {
      for (int i = 0; i < blocks; i++) {
        out[i] = HalfPrecision.fromFloat16(in.getShort());
      }
    }
  },
  BF16(1, 2) {
    @Override
    void widen(ByteBuffer in, int blocks, float[] out) {
      for (int i = 0; i < blocks; i++) {
        out[i] = HalfPrecision.fromBfloat16(in.getShort());
      }
    }
  },
  I64(1, 8) {
    @Override
    void widen(ByteBuffer in, int blocks, float[] out) {
      for (int i = 0; i < blocks; i++) {
        out[i] = exactly(in.getLong());
      }
    }
  },
  I32(1, 4) {
    @Override
    void widen(ByteBuffer in, int blocks, float[] out) {
      for (int i = 0; i < blocks; i++) {
        out[i] = exactly(in.getInt());
      }
    }
  },
  U8(1, 1) {
    @Override
    void widen(ByteBuffer in, int blocks, float[] out) {
      for (int i = 0; i < blocks; i++) {
        out[i] = in.get() & 0xff;
      }
    }
  },
  /** float16 scale, then 16 bytes: elements 0 to 15 in the low halves, 16 to 31 in the high. */
  Q4_0(32, 18) {
    @Override
    void widen(ByteBuffer in, int blocks, float[] out) {
      for (int block = 0; block < blocks; block++) {
        float scale = HalfPrecision.fromFloat16(in.getShort());
        for (int i = 32 * block; i < 32 * block + 16; i++) {
          int pair = in.get();
          out[i] = scale * ((pair & 0xf) - 8);
          out[i + 16] = scale * ((pair >> 4 & 0xf) - 8);
        }
      }
    }
  },
  /** float16 scale, float16 minimum, then 16 bytes as in {@link #Q4_0}. */
  Q4_1(32, 20) {
    @Override
    void widen(ByteBuffer in, int blocks, float[] out) {
      for (int block = 0; block < blocks; block++) {
        float scale = HalfPrecision.fromFloat16(in.getShort());
        float minimum = HalfPrecision.fromFloat16(in.getShort());
        for (int i = 32 * block; i < 32 * block + 16; i++) {
          int pair = in.get();
          out[i] = scale * (pair & 0xf) + minimum;
          out[i + 16] = scale * (pair >> 4 & 0xf) + minimum;
        }
      }
    }
  },
  /** float16 scale, then 32 signed bytes. */
  Q8_0(32, 34) {
    @Override
    void widen(ByteBuffer in, int blocks, float[] out) {
      for (int block = 0; block < blocks; block++) {
        float scale = HalfPrecision.fromFloat16(in.getShort());
        for (int i = 32 * block; i < 32 * (block + 1); i++) {
          out[i] = scale * in.get();
        }
      }
    }
  };

  private final int blockElements;
  private final int blockBytes;

  Encoding(int blockElements, int blockBytes) {
    this.blockElements = blockElements;
    this.blockBytes = blockBytes;
  }

  static Encoding of(Dtype dtype) {
    return switch (dtype) {
      case F32 -> F32;
      case F16 -> F16;
      case BF16 -> BF16;
      case I64 -> I64;
      case I32 -> I32;
      case U8 -> U8;
    };
  }

  int blockElements() {
    return blockElements;
  }

  int blockBytes() {
    return blockBytes;
  }

  /**
   * Widens {@code blocks} blocks at the head of {@code bytes} into the head of {@code out}.
   *
   * @throws ArithmeticException if an integer has no exact float32
   */
  void widen(byte[] bytes, int blocks, float[] out) {
    widen(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN), blocks, out);
  }

  abstract void widen(ByteBuffer in, int blocks, float[] out);

  private static float exactly(long value) {
    float widened = value;
    // 2^63 as float would saturate back to Long.MAX_VALUE and pass for it.
    if ((long) widened != value || widened == 0x1p63f) {
      throw new ArithmeticException("the integer " + value + " has no exact float32.");
    }
    return widened;
  }
}
