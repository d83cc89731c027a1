package dev.whetstone.models.engine.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.whetstone.models.engine.doctor.Finding.State;
import java.util.List;
import org.junit.jupiter.api.Test;

class DoctorTest {
  @Test
  void aMachineThatRunsTheTestsIsFoundToWork() {
    List<Finding> findings = Doctor.look();
    assertThat(findings).extracting(Finding::state).doesNotContain(State.BAD);
    assertThat(findings)
        .filteredOn(finding -> finding.thing().equals("libtorch"))
        .singleElement()
        .satisfies(finding -> assertThat(finding.found()).containsPattern("2\\.\\d.*GFLOP/s"));
    assertThat(findings)
        .filteredOn(finding -> finding.thing().equals("tokenizers"))
        .extracting(Finding::state)
        .containsExactly(State.GOOD);
  }

  @Test
  void whatIsNotGoodComesWithAdvice() {
    assertThatThrownBy(() -> Finding.bad("java", "none", ""))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
