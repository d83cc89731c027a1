package dev.whetstone.artifacts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArtifactFolderTest {
  private static final String FORMAT = "whetstone.test/1";

  @TempDir Path folder;
  private Path out;

  @BeforeEach
  void name() {
    out = folder.resolve("out");
  }

  private Optional<ArtifactFolder> begin(String id, boolean overwrite) {
    return ArtifactFolder.begin(out, FORMAT, id, overwrite);
  }

  /** An unfinished folder of work {@code id} with a file in it. */
  private void leave(String id, String file) throws IOException {
    try (ArtifactFolder begun = begin(id, false).orElseThrow()) {
      Files.writeString(begun.path().resolve(file), "half");
    }
  }

  private void finish(String file) throws IOException {
    leave("sha256:id", file);
    try (ArtifactFolder begun = begin("sha256:id", false).orElseThrow()) {
      begun.finish(TinyManifest.of(FORMAT));
    }
  }

  @Test
  void theSameWorkGoesOnWithWhatIsThere() throws IOException {
    leave("sha256:id", "rows");
    try (ArtifactFolder begun = begin("sha256:id", false).orElseThrow()) {
      assertThat(out.resolve("rows")).exists();
      begun.clear();
      assertThat(out.resolve("rows")).doesNotExist();
    }
  }

  @Test
  void aFinishedFolderHoldsNothingOfOursButItsManifest() throws IOException {
    finish("rows");
    assertThat(out.toFile().list()).containsExactlyInAnyOrder("rows", Manifest.FILE);
    assertThat(begin("sha256:id", false)).as("done already").isEmpty();
    assertThat(begin("sha256:id", true)).as("done already, whatever is asked").isEmpty();
  }

  @Test
  void otherWorkReplacesAFinishedFolderOnlyWhenAsked() throws IOException {
    finish("rows");
    assertThatThrownBy(() -> begin("sha256:other", false))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("holds a finished artifact of other work")
        .hasMessageContaining("--overwrite");
    assertThat(out.resolve("rows")).exists();
    begin("sha256:other", true).orElseThrow().close();
    assertThat(out).doesNotExist();
  }

  @Test
  void otherWorkReplacesAnUnfinishedFolderOnlyWhenAsked() throws IOException {
    leave("sha256:id", "rows");
    assertThatThrownBy(() -> begin("sha256:other", false))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("holds unfinished other work (whetstone.test/1)");
    assertThat(out.resolve("rows")).exists();
    begin("sha256:other", true).orElseThrow().close();
    assertThat(out.resolve("rows")).doesNotExist();
  }

  @Test
  void whatWasLeftByAClearingThatWasKilledIsCleared() throws IOException {
    Files.createDirectories(out);
    Files.writeString(out.resolve("old"), "of other work");
    Files.writeString(
        out.resolve(".unfinished.json"),
        "{\"format\": \"whetstone.test/1\", \"id\": \"sha256:id\", \"clearing\": true}");
    begin("sha256:id", false).orElseThrow().close();
    assertThat(out.resolve("old")).doesNotExist();
  }

  @Test
  void aFolderOfOtherFilesIsNeverTouched() throws IOException {
    Files.createDirectories(out);
    Files.writeString(out.resolve("thesis.tex"), "mine");
    for (boolean overwrite : new boolean[] {false, true}) {
      assertThatThrownBy(() -> begin("sha256:id", overwrite))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("thesis.tex");
    }
    assertThat(out.resolve("thesis.tex")).hasContent("mine");
    assertThat(out.toFile().list()).containsExactly("thesis.tex");
  }

  @Test
  void aFolderInWhichNothingCameOfTheWorkGoesAgain() {
    begin("sha256:id", false).orElseThrow().close();
    assertThat(out).doesNotExist();
  }

  @Test
  void twoAtOnceAreRefused() throws IOException {
    try (ArtifactFolder first = begin("sha256:id", false).orElseThrow()) {
      assertThat(first.path()).isEqualTo(out);
      assertThatThrownBy(() -> begin("sha256:id", false))
          .isInstanceOf(SurroundingsException.class)
          .hasMessageContaining("this process");
    }
    begin("sha256:id", false).orElseThrow().close();
  }

  @Test
  void anotherProcessIsNamedAndItsDeathFreesTheFolder() throws Exception {
    Files.createDirectories(out);
    var command = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Process other =
        new ProcessBuilder(
                command,
                "-cp",
                System.getProperty("java.class.path"),
                Holder.class.getName(),
                out.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      assertThat(other.getInputStream().read()).isEqualTo('x');
      assertThatThrownBy(() -> FolderLock.take(out))
          .isInstanceOf(SurroundingsException.class)
          .hasMessageContaining("process " + other.pid() + ", since");
    } finally {
      other.destroyForcibly(); // SIGKILL
      assertThat(other.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }
    FolderLock.take(out).close();
  }

  /** Takes a lock, says so, waits to be killed. */
  static final class Holder {
    private Holder() {}

    public static void main(String[] args) throws Exception {
      try (FolderLock lock = FolderLock.take(Path.of(args[0]))) {
        System.out.print(lock == null ? '-' : 'x');
        System.out.flush();
        Thread.sleep(60_000);
      }
    }
  }
}
