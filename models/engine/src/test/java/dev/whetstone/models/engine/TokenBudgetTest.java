package dev.whetstone.models.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.whetstone.artifacts.SystemMemory;
import dev.whetstone.models.engine.family.DecoderConfig;
import dev.whetstone.models.engine.testing.TinyModel;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenBudgetTest {
  @TempDir private Path folder;

  @Test
  void shrinksByHalvesUntilItFitsButNotBelowTheLeast() {
    DecoderConfig config = DecoderConfig.of(TinyModel.write(folder, 1).config(), "config.json");
    assertThat(TokenBudget.fitting(config, 512, 256, 1L << 30)).isEqualTo(512);
    int fitting = TokenBudget.fitting(config, 512, 256, 1L << 21);
    assertThat(fitting).isIn(64, 128, 256);
    assertThat(TokenBudget.fitting(config, 512, 100_000, 1L << 21)).isEqualTo(TokenBudget.LEAST);
    assertThat(TokenBudget.fitting(config, 512, 256, 0)).isEqualTo(TokenBudget.LEAST);
    assertThat(SystemMemory.availableBytes().orElseThrow()).isGreaterThan(1L << 20);
  }
}
