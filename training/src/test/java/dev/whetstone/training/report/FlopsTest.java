package dev.whetstone.training.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.whetstone.training.report.Flops.Shape;
import org.junit.jupiter.api.Test;

class FlopsTest {
  private static final int HIDDEN = 3584;
  private static final int KEYS = 4 * 128;
  private static final int INNER = 18_944;
  private static final int LAYERS = 28;
  private static final int RANK = 16;

  /** Qwen2-7B, all linear layers adapted, one document of 2048 tokens a pack. */
  private static Shape qwen(boolean recomputes, boolean asksBase) {
    long block = 2L * HIDDEN * HIDDEN + 2L * HIDDEN * KEYS + 3L * HIDDEN * INNER;
    long lora = RANK * (2L * (HIDDEN + HIDDEN) + 2L * (HIDDEN + KEYS) + 3L * (HIDDEN + INNER));
    return new Shape(
        LAYERS * block,
        152_064L * HIDDEN,
        LAYERS * lora,
        LAYERS,
        HIDDEN,
        2048,
        recomputes,
        asksBase);
  }

  @Test
  void aTokenOfSevenBillionWeightsTakesThirtyBillionOperations() {
    Shape shape = qwen(false, false);
    assertThat(shape.blockWeights() + shape.headWeights()).isEqualTo(7_070_285_824L);
    assertThat(shape.loraWeights()).isEqualTo(2_523_136L * RANK);
    Flops flops = Flops.perToken(shape);
    assertThat(flops.needed()).isCloseTo(29.8e9, within(0.05e9));
    assertThat(flops.done()).isEqualTo(flops.needed());
  }

  @Test
  void computingBlocksAnewIsCountedApart() {
    Flops flops = Flops.perToken(qwen(true, false));
    assertThat(flops.needed()).isEqualTo(Flops.perToken(qwen(false, false)).needed());
    // 43.2e9 without the adapter's own second forward pass.
    double adapterAgain = 2.0 * qwen(true, false).loraWeights();
    assertThat(flops.done() - adapterAgain).isCloseTo(43.2e9, within(0.05e9));
    assertThat(flops.done() / flops.needed()).isCloseTo(1.45, within(0.01));
  }

  @Test
  void tokensASecondAndUtilizationAreTwoFormsOfOneNumber() {
    Flops flops = Flops.perToken(qwen(true, false));
    double peak = Flops.peakPerSecond("NVIDIA H200").orElseThrow();
    assertThat(0.43 * peak / flops.needed()).isCloseTo(14_300, within(50.0));
    assertThat(0.43 * peak / flops.done()).isCloseTo(9_800, within(50.0));
    assertThat(flops.modelUtilization(14_300, peak)).isCloseTo(0.43, within(0.002));
    assertThat(flops.hardwareUtilization(9_800, peak)).isCloseTo(0.43, within(0.002));
  }

  @Test
  void aBaseModelThatIsAskedTooCostsAForwardPass() {
    Flops alone = Flops.perToken(qwen(false, false));
    Flops both = Flops.perToken(qwen(false, true));
    assertThat(both.reference()).isEqualTo(alone.matrices() / 2 + alone.attention() / 3);
    assertThat(both.needed()).isEqualTo(alone.needed() + both.reference());
  }

  @Test
  void peaksAreOfNamedDevicesOnly() {
    assertThat(Flops.peakPerSecond("NVIDIA H100 80GB HBM3")).hasValue(989e12);
    assertThat(Flops.peakPerSecond("NVIDIA A100-SXM4-80GB")).hasValue(312e12);
    assertThat(Flops.peakPerSecond("NVIDIA H100 PCIe")).isEmpty();
    assertThat(Flops.peakPerSecond("AMD EPYC")).isEmpty();
  }

  @Test
  void aShapeIsOfThingsThatCanBe() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Shape(1, 1, 1, 1, 1, Double.NaN, false, false))
        .withMessageContaining("attended");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Shape(-1, 1, 1, 1, 1, 1, false, false))
        .withMessageContaining("weights");
  }
}
