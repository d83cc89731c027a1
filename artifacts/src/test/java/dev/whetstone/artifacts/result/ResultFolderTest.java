package dev.whetstone.artifacts.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.TinyManifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultFolderTest {
  private static final String DATE = "2026-01-02T03-04-05.000000";

  @TempDir Path folder;

  @BeforeEach
  void finish() {
    ArtifactFolder.finish(folder, TinyManifest.of(ResultFolder.FORMAT));
  }

  private void file(String name, String text) throws IOException {
    Files.writeString(folder.resolve(name.replace("DATE", DATE)), text);
  }

  @Test
  void resultsAndSamplesAreFoundByTheirNames() throws IOException {
    file(
        "results_DATE.json",
        "{\"results\": {\"arc_easy\": {\"acc,none\": NaN}, \"arc\": {}, \"group\": {}}}");
    file("samples_arc_DATE.jsonl", "{\"doc_id\": 1}\n{\"doc_id\": 0}\n");
    file("samples_arc_easy_DATE.jsonl", "{\"doc_id\": 7}\n");
    ResultFolder result = ResultFolder.open(folder);
    assertThat(result.results().at("/results/arc_easy/acc,none").asDouble()).isNaN();
    assertThat(result.tasks()).containsExactly("arc", "arc_easy");
    assertThat(result.samples("arc"))
        .extracting(s -> s.get("doc_id").asInt())
        .containsExactly(1, 0);
    assertThat(result.samples("arc_easy")).hasSize(1);
    assertThatThrownBy(() -> result.samples("group"))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("found 0; tasks with samples: arc, arc_easy");
  }

  @Test
  void oneResultsFileIsExpected() throws IOException {
    assertThatThrownBy(() -> ResultFolder.open(folder).results())
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("expected one results_<date>.json, found 0");
    file("results_DATE.json", "{}");
    assertThatThrownBy(() -> ResultFolder.open(folder).results())
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("expected \"results\"");
    file("results_2.json", "{}");
    assertThatThrownBy(() -> ResultFolder.open(folder).results())
        .hasMessageContaining("expected one results_<date>.json, found 2");
  }
}
