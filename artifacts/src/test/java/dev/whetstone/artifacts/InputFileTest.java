package dev.whetstone.artifacts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class InputFileTest {
  @TempDir Path folder;

  private void assertBad(Path file, String sentence) {
    assertThatThrownBy(() -> InputFile.text(file, "a letter"))
        .isInstanceOf(BadInputException.class)
        .hasMessage(file + ": expected a letter" + sentence);
    assertThatThrownBy(() -> InputFile.check(file, "a letter"))
        .isInstanceOf(BadInputException.class)
        .hasMessage(file + ": expected a letter" + sentence);
  }

  @Test
  void whatIsNoFileIsToldByWhatItIs() throws IOException {
    assertBad(folder.resolve("gone"), " here, found no file.");
    assertBad(folder.resolve("gone/deeper"), " here, found no file.");
    assertBad(Files.createDirectory(folder.resolve("shelf")), ", found a folder.");
    Path plain = Files.writeString(folder.resolve("plain"), "x");
    assertBad(plain.resolve("inside"), " here, found no file (Not a directory).");
  }

  @Test
  void linksThatLeadInCirclesAreNoFile() throws IOException {
    Path there = Files.createSymbolicLink(folder.resolve("there"), folder.resolve("back"));
    Files.createSymbolicLink(folder.resolve("back"), there);
    assertThatThrownBy(() -> InputFile.text(there, "a letter"))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("Too many levels of symbolic links");
  }

  @Test
  void aNameLongerThanTheFileSystemTakesIsNoFile() {
    assertThatThrownBy(() -> InputFile.text(folder.resolve("x".repeat(300)), "a letter"))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("File name too long");
  }

  @Test
  void bytesThatAreNoUtf8AreTold() throws IOException {
    Path file = Files.write(folder.resolve("latin"), new byte[] {'a', (byte) 0xE9, 'b'});
    assertThatThrownBy(() -> InputFile.text(file, "a letter"))
        .isInstanceOf(BadInputException.class)
        .hasMessage(file + ": expected a letter in UTF-8, found other bytes.");
  }

  /** Reading one would wait for a writer that never comes. */
  @Test
  @Timeout(60)
  void aPipeIsNotWaitedFor() throws Exception {
    Path pipe = folder.resolve("pipe");
    assumeThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    assertThatThrownBy(() -> Json.read(pipe))
        .isInstanceOf(BadInputException.class)
        .hasMessage(pipe + ": expected a JSON file, found a pipe or a device.");
  }

  @Test
  void whatTheMachineRefusesIsNotTheInputsFault() {
    Path file = folder.resolve("x");
    assertThat(InputFile.unreadable(file, "a letter", new IOException("Input/output error")))
        .isInstanceOf(SurroundingsException.class)
        .hasMessage(file + ": expected a letter, but it cannot be read (Input/output error).");
    assertThat(ArtifactFolder.surroundings(file, new IOException("No space left on device")))
        .isInstanceOf(SurroundingsException.class)
        .hasMessageContaining("No space left on device");
    assertThat(
            ArtifactFolder.surroundings(
                file, new FileSystemException("x", null, "Read-only file system")))
        .isInstanceOf(SurroundingsException.class)
        .hasMessageContaining("Read-only file system");
  }

  @Test
  void aPlaceThatCannotBeWrittenToIsBadInput() throws IOException {
    Path plain = Files.writeString(folder.resolve("plain"), "x");
    assertThatThrownBy(() -> ArtifactFolder.writeAtomically(plain.resolve("below"), "y"))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("Not a directory");
  }

  @Test
  void aWriteThatFailsLeavesNothingBehind() throws IOException {
    Path target = Files.createDirectories(folder.resolve("taken/inside")).getParent();
    assertThatThrownBy(() -> ArtifactFolder.writeAtomically(target, "text"))
        .isInstanceOf(RuntimeException.class);
    assertThat(folder.toFile().list()).containsExactly("taken");
  }
}
