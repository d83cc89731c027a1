package dev.whetstone.artifacts.tensors;

/** The two 16-bit float formats, as bits. Widening is exact. */
public final class HalfPrecision {
  private HalfPrecision() {}

  /** IEEE 754 binary16 to float32. */
  public static float fromFloat16(short bits) {
    int sign = (bits & 0x8000) << 16;
    int exponent = (bits >>> 10) & 0x1f;
    int fraction = bits & 0x3ff;
    if (exponent == 0) {
      // Zero and the subnormals: fraction * 2^-24, which float32 holds exactly.
      float magnitude = fraction * 0x1p-24f;
      return sign == 0 ? magnitude : -magnitude;
    }
    if (exponent == 0x1f) {
      return Float.intBitsToFloat(sign | 0x7f800000 | fraction << 13);
    }
    return Float.intBitsToFloat(sign | (exponent - 15 + 127) << 23 | fraction << 13);
  }

  /** bfloat16 (the upper half of a float32) to float32. */
  public static float fromBfloat16(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /** float32 to bfloat16, to the nearest, ties to even, as torch rounds; NaN stays NaN. */
  public static short toBfloat16(float value) {
    if (Float.isNaN(value)) {
      return 0x7fc0;
    }
    int bits = Float.floatToRawIntBits(value);
    int lastKept = (bits >>> 16) & 1;
    return (short) ((bits + 0x7fff + lastKept) >>> 16);
  }

  /**
   * float32 to IEEE 754 binary16, to the nearest, ties to even, as numpy rounds; what is beyond its
   * range becomes infinite, NaN stays NaN.
   */
  public static short toFloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = (bits >>> 16) & 0x8000;
    float magnitude = Math.abs(value);
    if (Float.isNaN(value)) {
      return (short) (sign | 0x7e00);
    }
    if (magnitude >= 0x1.ffep15f) { // halfway from the largest finite number to the next power
      return (short) (sign | 0x7c00);
    }
    if (magnitude < 0x1p-14f) {
      // A subnormal: the sum is rounded to a multiple of 2^-24, the last bit of float32 at 1/2.
      int units = Float.floatToRawIntBits(magnitude + 0.5f) - Float.floatToRawIntBits(0.5f);
      return (short) (sign | units);
    }
    int rebiased = (bits & 0x7fffffff) - ((127 - 15) << 23);
    int lastKept = (rebiased >>> 13) & 1;
    return (short) (sign | ((rebiased + 0xfff + lastKept) >>> 13));
  }
}
