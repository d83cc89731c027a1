package dev.whetstone.artifacts.tensors;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * How elements lie on disk: blocks of {@link #blockElements} elements in {@link #blockBytes} bytes,
 * little-endian. The quantised ones are those of ggml ({@code ggml-common.h}, {@code block_q4_0}
 * and so on); their arithmetic is float32 in the order of the Python {@code gguf} package 0.19
 * ({@code quants.py}): product first, then sum, each rounded.
 */
enum Encoding {
  F32(1, 4) {
    @Override
    void widen(ByteBuffer in, int blocks, float[] out) {
      in.asFloatBuffer().get(out, 0, blocks);
    }

    @Override
    void narrow(float[] in, int blocks, ByteBuffer out) {
      out.asFloatBuffer().put(in, 0, blocks);
      out.position(Float.BYTES * blocks);
    }
  },
  F16(1, 2) {
    @Override
    void widen(ByteBuffer in, int blocks, float[] out) {
      for (int i = 0; i < blocks; i++) {
        out[i] = HalfPrecision.fromFloat16(in.getShort());
      }
    }

    @Override
    void narrow(float[] in, int blocks, ByteBuffer out) {
      for (int i = 0; i < blocks; i++) {
        out.putShort(float16(in[i]));
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

    @Override
    void narrow(float[] in, int blocks, ByteBuffer out) {
      for (int i = 0; i < blocks; i++) {
        short bits = HalfPrecision.toBfloat16(in[i]);
        check(in[i], HalfPrecision.fromBfloat16(bits));
        out.putShort(bits);
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

    @Override
    void narrow(float[] in, int blocks, ByteBuffer out) {
      for (int block = 0; block < blocks; block++) {
        float largest = in[32 * block]; // with its sign: it becomes -8 times the scale
        for (int i = 32 * block; i < 32 * block + 32; i++) {
          largest = Math.abs(in[i]) > Math.abs(largest) ? in[i] : largest;
        }
        float scale = largest / -8;
        float inverse = scale == 0 ? 0 : 1 / scale;
        out.putShort(float16(scale));
        for (int i = 32 * block; i < 32 * block + 16; i++) {
          int low = Math.min(15, (int) (in[i] * inverse + 8.5f));
          int high = Math.min(15, (int) (in[i + 16] * inverse + 8.5f));
          out.put((byte) (low | high << 4));
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
  /** float16 scale, 32 high bits (bit i of element i), then 16 bytes as in {@link #Q4_0}. */
  Q5_0(32, 22) {
    @Override
    void widen(ByteBuffer in, int blocks, float[] out) {
      for (int block = 0; block < blocks; block++) {
        float scale = HalfPrecision.fromFloat16(in.getShort());
        int high = in.getInt();
        for (int i = 0; i < 16; i++) {
          int pair = in.get();
          int at = 32 * block + i;
          out[at] = scale * (fiveBits(pair, high, i) - 16);
          out[at + 16] = scale * (fiveBits(pair >> 4, high, i + 16) - 16);
        }
      }
    }
  },
  /** float16 scale, float16 minimum, then high bits and bytes as in {@link #Q5_0}. */
  Q5_1(32, 24) {
    @Override
    void widen(ByteBuffer in, int blocks, float[] out) {
      for (int block = 0; block < blocks; block++) {
        float scale = HalfPrecision.fromFloat16(in.getShort());
        float minimum = HalfPrecision.fromFloat16(in.getShort());
        int high = in.getInt();
        for (int i = 0; i < 16; i++) {
          int pair = in.get();
          int at = 32 * block + i;
          out[at] = scale * fiveBits(pair, high, i) + minimum;
          out[at + 16] = scale * fiveBits(pair >> 4, high, i + 16) + minimum;
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

    @Override
    void narrow(float[] in, int blocks, ByteBuffer out) {
      for (int block = 0; block < blocks; block++) {
        float largest = 0;
        for (int i = 32 * block; i < 32 * block + 32; i++) {
          largest = Math.max(largest, Math.abs(in[i]));
        }
        float scale = largest / 127;
        float inverse = scale == 0 ? 0 : 1 / scale;
        out.putShort(float16(scale));
        for (int i = 32 * block; i < 32 * block + 32; i++) {
          out.put((byte) awayFromZero(in[i] * inverse));
        }
      }
    }
  },
  Q2_K(SuperBlocks.ELEMENTS, 84) {
    @Override
    void widen(ByteBuffer in, int blocks, float[] out) {
      SuperBlocks.widen(in, blocks, blockBytes(), out, SuperBlocks::q2);
    }
  },
  Q3_K(SuperBlocks.ELEMENTS, 110) {
    @Override
    void widen(ByteBuffer in, int blocks, float[] out) {
      SuperBlocks.widen(in, blocks, blockBytes(), out, SuperBlocks::q3);
    }
  },
  Q4_K(SuperBlocks.ELEMENTS, 144) {
    @Override
    void widen(ByteBuffer in, int blocks, float[] out) {
      SuperBlocks.widen(in, blocks, blockBytes(), out, SuperBlocks::q4);
    }
  },
  Q5_K(SuperBlocks.ELEMENTS, 176) {
    @Override
    void widen(ByteBuffer in, int blocks, float[] out) {
      SuperBlocks.widen(in, blocks, blockBytes(), out, SuperBlocks::q5);
    }
  },
  Q6_K(SuperBlocks.ELEMENTS, 210) {
    @Override
    void widen(ByteBuffer in, int blocks, float[] out) {
      SuperBlocks.widen(in, blocks, blockBytes(), out, SuperBlocks::q6);
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

  /**
   * Rounds the head of {@code in} into {@code blocks} blocks; the order of operations is that of
   * {@code quants.py}, {@code quantize_blocks}.
   *
   * @throws ArithmeticException if a value is beyond the range of this encoding
   */
  void narrow(float[] in, int blocks, ByteBuffer out) {
    throw new IllegalStateException("not written here: " + this);
  }

  private static short float16(float value) {
    short bits = HalfPrecision.toFloat16(value);
    check(value, HalfPrecision.fromFloat16(bits));
    return bits;
  }

  private static void check(float value, float rounded) {
    if (!Float.isFinite(rounded)) {
      throw new ArithmeticException(value + " is beyond the range of its 16 bits");
    }
  }

  /** Halves go away from zero ({@code np_roundf}). */
  private static int awayFromZero(float value) {
    float magnitude = Math.abs(value);
    float whole = (float) Math.floor(magnitude);
    int rounded = (int) (whole + (float) Math.floor(2 * (magnitude - whole)));
    return value < 0 ? -rounded : rounded;
  }

  private static int fiveBits(int low, int high, int bit) {
    return (low & 0xf) | ((high >>> bit & 1) << 4);
  }

  private static float exactly(long value) {
    float widened = value;
    // 2^63 as float would saturate back to Long.MAX_VALUE and pass for it.
    if ((long) widened != value || widened == 0x1p63f) {
      throw new ArithmeticException("the integer " + value + " has no exact float32.");
    }
    return widened;
  }
}
