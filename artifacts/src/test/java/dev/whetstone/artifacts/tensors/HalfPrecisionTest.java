package dev.whetstone.artifacts.tensors;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class HalfPrecisionTest {
  /** The definition of binary16, by powers of two. */
  private static double slowFloat16(int bits) {
    int exponent = bits >> 10 & 31;
    int fraction = bits & 1023;
    double magnitude =
        exponent == 0
            ? fraction * Math.pow(2, -24)
            : (1 + fraction / 1024.0) * Math.pow(2, exponent - 15);
    return bits >> 15 == 0 ? magnitude : -magnitude;
  }

  @Test
  void everyFiniteFloat16WidensToItsValue() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      float widened = HalfPrecision.fromFloat16((short) bits);
      if ((bits >> 10 & 31) == 31) {
        assertThat(Float.isNaN(widened)).isEqualTo((bits & 1023) != 0);
        assertThat(Float.isInfinite(widened)).isEqualTo((bits & 1023) == 0);
      } else {
        assertThat((double) widened).as("%x", bits).isEqualTo(slowFloat16(bits));
      }
    }
  }

  @Test
  void roundingAWidenedBfloat16GivesItBack() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      float widened = HalfPrecision.fromBfloat16((short) bits);
      if (!Float.isNaN(widened)) {
        assertThat(HalfPrecision.toBfloat16(widened)).isEqualTo((short) bits);
      }
    }
  }

  @Test
  void roundingAWidenedFloat16GivesItBack() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      float widened = HalfPrecision.fromFloat16((short) bits);
      if (!Float.isNaN(widened)) {
        assertThat(HalfPrecision.toFloat16(widened)).as("%x", bits).isEqualTo((short) bits);
      }
    }
  }

  /** Between two neighbours the nearer is taken, halfway the even one, beyond the last infinity. */
  @Test
  void roundingToFloat16PicksTheNearerAndTheEven() {
    for (int bits = 0; bits < 0x7c00; bits++) {
      double low = slowFloat16(bits);
      double high = bits == 0x7bff ? 65_536 : slowFloat16(bits + 1);
      float middle = (float) ((low + high) / 2);
      for (int sign : new int[] {1, -1}) {
        int signBit = sign < 0 ? 0x8000 : 0;
        assertThat(HalfPrecision.toFloat16(sign * middle))
            .as("%x", bits)
            .isEqualTo((short) (signBit | bits + (bits & 1)));
        assertThat(HalfPrecision.toFloat16(sign * Math.nextDown(middle)))
            .isEqualTo((short) (signBit | bits));
        assertThat(HalfPrecision.toFloat16(sign * Math.nextUp(middle)))
            .isEqualTo((short) (signBit | bits + 1));
      }
    }
    assertThat(HalfPrecision.toFloat16(1e30f)).isEqualTo((short) 0x7c00);
    assertThat(HalfPrecision.fromFloat16(HalfPrecision.toFloat16(Float.NaN))).isNaN();
  }

  @Test
  void roundingPicksTheNearer() {
    var random = new Random(0);
    for (int i = 0; i < 10_000; i++) {
      float value = (float) (random.nextGaussian() * Math.pow(10, random.nextInt(60) - 30));
      float rounded = HalfPrecision.fromBfloat16(HalfPrecision.toBfloat16(value));
      short bits = HalfPrecision.toBfloat16(value);
      for (int step : new int[] {-1, 1}) {
        float neighbour = HalfPrecision.fromBfloat16((short) (bits + step));
        assertThat(Math.abs((double) value - rounded))
            .as("%s", value)
            .isLessThanOrEqualTo(Math.abs((double) value - neighbour));
      }
    }
  }
}
